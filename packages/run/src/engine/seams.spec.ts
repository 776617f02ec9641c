// Proof from outside, in one process: an evaluator, a stop rule, a transform, a masking source, an averaging optimiser and a loss with
// a curriculum, none of them ours and each of a few lines, work in a recipe.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  definePlugin,
  random,
  strategy,
  takeDocuments,
  type Model,
  type Optimizer,
  type PipelineEvent,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { sgd } from '@espalier/plugins';
import { describeOptimizer, describeStop, describeTransform, tinyModel } from '@espalier/testing';
import { tap } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, type Bench } from '../testing/bench.js';
import { data as chat } from '../testing/seams/data.js';
import seams from '../testing/seams/index.js';
import { optimizer as averaged } from '../testing/seams/optimizer.js';
import { stop as stepBudget } from '../testing/seams/stop.js';
import { transform as grid } from '../testing/seams/transform.js';
import { compress, finished, type RunEvent, type RunOptions } from './run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const perStep = 4 * 16;
const still = { name: 'constant', peak: 1e-30, warmup: 0 };
const steady = { name: 'constant', peak: 0.05, warmup: 0 };
const recipeOf = (distillation: object, more: object = {}, step: object = {}) => ({
  ...bench.recipe,
  ...more,
  steps: [
    {
      ...bench.recipe.steps[0]!,
      ...step,
      distillation: { ...bench.recipe.steps[0]?.distillation, ...distillation },
    },
  ],
});

async function run(recipe: ReturnType<typeof recipeOf>, { plugins = [], ...options }: RunOptions = {}) {
  const events: PipelineEvent[] = [];
  const listening = tap((event: RunEvent) => {
    if (event.type !== 'result') events.push(event);
  });
  const result = await finished(compress(recipe, { ...options, plugins: [seams, ...plugins] }).pipe(listening));
  const losses = events.flatMap((event) => (event.type === 'metric' && event.name === 'loss' ? [event.value] : []));
  return { ...result, losses, student: result.students.get('narrow/distilled') };
}

async function weightsOf(model: Model | undefined, name = 'model.layers.0.mlp.up_proj.weight') {
  if (model === undefined) throw new Error('no such student');
  return [...(await model.weights.read(name))];
}

const folder = new URL('../testing/seams/', import.meta.url);

test('each of them is at most 15 lines beside its imports', async () => {
  const files = (await readdir(folder)).filter((name) => name !== 'index.ts');
  expect(files).toHaveLength(6);
  for (const file of files) {
    const text = await readFile(new URL(file, folder), 'utf8');
    const own = text.split('\n').filter((line) => line.trim() !== '' && !/^import .*;$/.test(line));
    expect(own.length, file).toBeLessThanOrEqual(15);
  }
});

test('all of them in one recipe: the measure is in rows, summary, report and card, and every seam is heard of', async () => {
  const [at, chats, exported] = ['seams', 'chats.txt', 'student'].map((name) => join(bench.folder, name));
  if (at === undefined || chats === undefined || exported === undefined) throw new Error('no paths');
  const lines = Array.from(
    { length: 40 },
    (_, i) => `the cat ${'sat '.repeat(i)}\ton the mat\tand the dog\tsat ${'on '.repeat(i % 9)}`,
  );
  await writeFile(chats, lines.join('\n'));
  const distillation = {
    losses: ['rising-kl'],
    optimizer: { name: 'averaged', decay: 0.5 },
    stop: { name: 'step-budget', steps: 3 },
  };
  const more = {
    data: { source: 'chat', path: chats },
    evaluation: { evaluators: ['perplexity', 'weight-size'], maxTokens: 17 },
    export: { folder: exported },
  };
  const step = { transforms: [{ at: 'after-distil', name: 'grid', step: 0.125 }] };
  const { rows } = await run(recipeOf(distillation, more, step), { folder: at });
  const sizes = rows.map(({ measures }) => measures.find(({ evaluator }) => evaluator === 'weight-size')?.value);
  expect(sizes.every((size) => size !== undefined && size > 0)).toBe(true);
  expect(rows.at(-1)?.trainingTokens).toBe(3 * perStep);
  const read = (name: string, where = at) => readFile(join(where, name), 'utf8');
  expect(JSON.parse(await read('summary.json'))).toMatchObject({ rows: JSON.parse(JSON.stringify(rows)) as unknown });
  const shown = sizes.at(-1)?.toFixed(6) ?? 'nothing';
  expect(await read('report.html')).toContain('weight size');
  expect(await read('README.md', exported)).toContain(shown);
  const log = await read('events.ndjson');
  expect(log).toContain('"objective":"rising-kl"');
  expect(log).toContain('"rule":"step-budget"');
  expect(log).toContain('narrow/transform/grid');
});

test('a source masks tokens: the questions of a conversation are not learnt', async () => {
  const path = join(bench.folder, 'one.txt');
  await writeFile(path, ['a b\tc\td\te f', 'g\th'].join('\n'));
  const context = { teacher: tinyModel(), length: 8, backend: referenceBackend(), random: random(1) };
  const { training } = await chat({ path }).open(context);
  const [first] = await takeDocuments(training(random(1)), 1);
  const weights = first !== undefined && 'weights' in first ? first.weights : [];
  // The token that begins a text, then a token for each letter.
  expect([
    [0, 0, 0, 0, 1, 0, 1, 1, 1],
    [0, 0, 1],
  ]).toContainEqual(weights);
});

test('an optimiser gives the average of its weights', async () => {
  const after = async (steps: number, decay: number) =>
    weightsOf(
      (await run(recipeOf({ tokens: steps * perStep, schedule: steady, optimizer: { name: 'averaged', decay } })))
        .student,
    );
  const plain = await run(recipeOf({ tokens: perStep, schedule: still }));
  const start = await weightsOf(plain.student);
  const path = [await after(1, 0), await after(2, 0), await after(3, 0)];
  const bySgd = await run(recipeOf({ tokens: 3 * perStep, schedule: steady, optimizer: 'sgd' }));
  expect(path[2]).toEqual(await weightsOf(bySgd.student));
  const expected = path.reduce((mean, next) => mean.map((own, index) => 0.75 * own + 0.25 * next[index]!), start);
  const worst = (await after(3, 0.75)).map((own, index) => Math.abs(own - expected[index]!));
  expect(Math.max(...worst)).toBeLessThan(1e-6);
  expect(path[2]).not.toEqual(start);
});

test('an optimiser freezes weights, and scales the rate of others', async () => {
  const rated = (name: string, rate: Optimizer['rate'] & object) =>
    strategy('optimizer', { name, summary: 'gradient descent, not for all alike', create: () => ({ ...sgd(), rate }) });
  const provides = [
    rated('halved', () => 0.5),
    rated('no-embedding', ({ kind }) => (kind === 'embedding' ? 0 : 1)),
    rated('nothing', () => 0),
    rated('backwards', ({ layer }) => (layer === 1 ? -1 : 1)),
  ];
  const plugins = [definePlugin({ name: 'rated', provides })];
  const train = async (optimizer: string, peak: number) =>
    (await run(recipeOf({ tokens: 128, optimizer, schedule: { ...steady, peak } }), { plugins })).student;
  const [embedding, start] = ['model.embed_tokens.weight', await train('sgd', 1e-30)];
  const frozen = await train('no-embedding', 0.05);
  expect(await weightsOf(frozen, embedding)).toEqual(await weightsOf(start, embedding));
  expect(await weightsOf(frozen)).not.toEqual(await weightsOf(start));
  expect(await weightsOf(await train('halved', 0.05))).toEqual(await weightsOf(await train('sgd', 0.025)));
  await expect(train('nothing', 1)).rejects.toThrow(/"nothing".*freezes every weight/);
  await expect(train('backwards', 1)).rejects.toThrow(/"backwards".*model\.layers\.1\..* is -1/);
});

test.each([1, 2])('a loss follows its curriculum from step to step, %i batches in each', async (accumulate) => {
  const training = { schedule: still, accumulate, tokens: 4 * perStep * accumulate };
  const plain = await run(recipeOf({ ...training, losses: ['forward-kl'] }));
  const rising = await run(recipeOf({ ...training, losses: ['rising-kl'] }));
  expect(plain.losses).toHaveLength(4);
  for (const [step, value] of plain.losses.entries()) {
    const share = (rising.losses[step] ?? NaN) / value;
    expect(share).toBeCloseTo((step + 1) / 4, 5);
  }
});

describeStop(stepBudget({ steps: 2 }));
describeTransform(grid({ step: 0.5 }));
describeOptimizer(averaged({ decay: 0.5 }));
