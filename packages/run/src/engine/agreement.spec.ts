// A plan and a run never disagree: what one of them refuses, the other refuses in the same words.
import { exportModel, initialise, InputError, openTokenizer, random, type Model, type Random } from '@espalier/core';
import { nemotron, qwen3 } from '@espalier/plugins';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { hubAccess } from '../hub/access.js';
import { trustStore } from '../plugins/trust.js';
import type { Machine } from '../machine/machine.js';
import { settleShortages } from '../machine/shortage.js';
import { parseRecipe } from '../recipe/read-recipe.js';
import type { RecipeInput } from '../recipe/schema.js';
import { createBench, type Bench } from '../testing/bench.js';
import { prepareRecipe, type PreparedRecipe } from './prepare-recipe.js';
import { foreseenText } from './planned-text.js';
import { isWait, waitsOf } from './waits.js';
import { compress, finished, type RunOptions } from './run.js';

const silent = { info: () => undefined, warn: () => undefined };
const fixtures = new URL('../../../core/src/', import.meta.url);
const wordLevel = fileURLToPath(new URL('formats/fixtures/word-level', fixtures));
let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
  for (const name of ['qwen3', 'nemotron'] as const) await writeModel(name);
  await writeFile(join(bench.folder, 'empty.txt'), '');
  await writeFile(join(bench.folder, 'short.txt'), 'the cat sat');
});
afterAll(() => bench.remove());

/** A model of another family with the tokenizer of the bench, from random weights. */
async function writeModel(name: 'qwen3' | 'nemotron'): Promise<void> {
  const family = { qwen3, nemotron }[name]();
  const text = await readFile(new URL(`testing/fixtures/families/${name}/config.json`, fixtures), 'utf8');
  const config = { ...z.record(z.string(), z.json()).parse(JSON.parse(text)), vocab_size: 96 };
  const architecture = family.readConfig(config);
  const storageTypes = new Map(family.weights(architecture).map((own) => [own.name, 'F32'] as const));
  const weights = { read: (own: string) => Promise.reject(new Error(own)) };
  const tokenizer = await openTokenizer(wordLevel);
  const blank: Model = { family, architecture, config, weights, tokenizer, folder: wordLevel, storageTypes };
  await exportModel(initialise(blank, random(1)), join(bench.folder, name), { overwrite: false, storage: 'F32' });
}

/** One of several values, mostly the first: a recipe with one mistake seldom has a second one. */
function pick<Value>(stream: Random, ...[usual, ...others]: readonly [Value, ...Value[]]): Value {
  const chosen = stream.uniform() < 0.93 ? undefined : others[stream.integer(others.length)];
  return chosen ?? usual;
}

/** Any of several values. */
function any<Value>(stream: Random, ...values: readonly [Value, ...Value[]]): Value {
  return values[stream.integer(values.length)] ?? values[0];
}

const targets = [
  ...['70%', '50%', '90%', '100%', '5%', '0.1%', '150%', '20k', '1M', '10k..25k', 'non-embedding=60%', 'half'],
  ...['hidden=16', 'hidden=17', 'hidden=64', 'ffn=20', 'layers=2', 'layers=1', 'layers=0', 'layers=4', 'heads=2'],
  ...['heads=3', 'kvHeads=1', 'heads=2,kvHeads=1', 'hidden=16,layers=2', 'attentionLayers=2', 'attentionLayers=4'],
  ...['ffnLayers=1', 'dropLayers=1', 'dropLayers=7', 'dropAttention=0', 'keepLayers=0-1', 'memory=40kB'],
  ...['latency=20ms,batch=1,length=8', 'minitron-4b'],
] as const;

type Step = NonNullable<RecipeInput['steps']>[number];

function randomStep(stream: Random, name: string | undefined): Step {
  const size = { batch: 4, length: pick(stream, 16, 16, 300) };
  return {
    ...(name === undefined ? {} : { name }),
    from: any(stream, 'previous', 'model'),
    target: any(stream, ...targets),
    ...pick<Pick<Step, 'pruner'>>(stream, any(stream, {}, { pruner: 'depth' }, { pruner: 'width' }), {
      pruner: 'sublayer',
    }),
    ...pick<Pick<Step, 'pruner'>>(stream, {}, { pruner: { name: 'depth', contiguous: true } }, { pruner: 'dpeth' }),
    ...pick<Pick<Step, 'search'>>(
      stream,
      {},
      { search: 'depth' },
      { search: 'proportional-width' },
      { search: { name: 'grid', candidates: 2 } },
      { search: { name: 'halving', candidates: 2, rungs: [64, 128] } },
      { search: 'proportional' },
    ),
    importance: {
      samples: pick(stream, 8, 1),
      ...size,
      ...pick<Pick<NonNullable<Step['importance']>, 'scorers'>>(
        stream,
        {},
        { scorers: ['activation'] },
        { scorers: ['block-influence'] },
        { scorers: ['magnitude'] },
        { scorers: ['random', 'magnitude'] },
        { scorers: ['activation', { name: 'magnitude', axes: ['layers'] }] },
        { scorers: [{ name: 'wanda', axes: ['layers'] }] },
      ),
      ...pick<object>(
        stream,
        {},
        { depth: {} },
        { depth: { blocks: true } },
        { depth: { evaluator: 'cloze' } },
        { depth: { evaluator: 'throughput' } },
        { rounds: 2 },
        { rounds: 2, depth: {} },
      ),
    },
    distillation: {
      tokens: 128,
      ...size,
      teacher: any(stream, 'original', 'previous'),
      losses: pick<NonNullable<NonNullable<Step['distillation']>['losses']>>(
        stream,
        ['forward-kl'],
        ['cross-entropy'],
        ['forward-kl', 'block-output'],
        ['forward-kl', 'attention-output', 'cross-entropy'],
        [{ name: 'attention-relation', relationHeads: 5 }],
        [{ name: 'reverse-kl', weight: 2 }],
        [{ name: 'forward-kl', temprature: 2 }],
      ),
      ...pick<object>(stream, {}, { balancer: 'dynamic-alpha' }, { balancer: 'lm-loss' }, { balancer: 'dynamic' }),
      ...pick<object>(
        stream,
        {},
        { losses: ['block-output'], mapping: 'from-last' },
        { losses: ['block-output'], mapping: { name: 'explicit', pairs: [{ student: 1, teacher: 2 }] } },
        { mapping: { name: 'explicit', pairs: [] } },
        { correction: { tokens: 64 } },
        { correction: { when: 'meanwhile' } },
        { correction: { losses: ['forward-kl'] } },
        { stop: { name: 'plateau', metric: 'validation/loss' } },
        { schedule: 'cosine' },
        { optimizer: 'sgd' },
        { optimizer: { name: 'adamw', beta1: 2 } },
      ),
    },
  };
}

function randomRecipe(stream: Random): RecipeInput {
  const text = bench.recipe.data;
  const names = pick<readonly (string | undefined)[]>(stream, ['a'], ['a', 'b'], [undefined, 'b'], ['a', 'A']);
  return {
    model: pick(stream, join(bench.folder, 'model'), join(bench.folder, 'qwen3'), join(bench.folder, 'nemotron')),
    backend: pick(stream, 'ort:cpu', 'ort:abacus', 'abacus'),
    data: pick<RecipeInput['data']>(
      stream,
      text,
      'tinytales',
      'teacher',
      { source: 'teacher', temperature: -1 },
      join(bench.folder, 'missing.txt'),
      join(bench.folder, 'empty.txt'),
      join(bench.folder, 'short.txt'),
      { source: 'text', path: join(bench.folder, 'missing.txt') },
      { source: join(bench.folder, 'text.txt'), fild: 'text' },
      'hub:owner',
    ),
    evaluation: {
      maxTokens: pick(stream, 17, 1, 9999),
      ...pick<object>(
        stream,
        {},
        { evaluators: ['perplexity', 'perplexity'] },
        { evaluators: [{ name: 'throughput', length: 4096 }] },
        { evaluators: [{ name: 'perplexity', windows: 'rolling', stride: 17 }] },
        { evaluators: [{ name: 'perplexity', windows: 'rolling', stride: 4 }] },
      ),
    },
    steps: names.map((name) => randomStep(stream, name)),
    ...pick<Pick<RecipeInput, 'export'>>(
      stream,
      {},
      { export: { folder: join(bench.folder, 'out') } },
      { export: { folder: join(bench.folder, 'out'), step: 'c' } },
      { export: { folder: join(bench.folder, 'model') } },
      { export: { folder: join(bench.folder, 'qwen3', 'out') } },
    ),
  };
}

/** The words of a refusal; whatever else is thrown fails the test. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

async function plan(recipe: RecipeInput, machine?: Machine): Promise<PreparedRecipe> {
  const opening = {
    hub: await hubAccess({}, () => undefined, true),
    plugins: [],
    trust: { named: [], all: false, store: trustStore({}) },
    logger: silent,
    ...(machine && { machine }),
  };
  const prepared = await prepareRecipe(parseRecipe(recipe, 'of the run'), opening, {});
  settleShortages(prepared.shortages, { allow: false, logger: silent });
  await foreseenText(prepared, opening, { waits: waitsOf(() => undefined) });
  return prepared;
}

/** Begins a run, and leaves it with its first unit of work. */
async function start(recipe: RecipeInput, options: RunOptions = {}): Promise<void> {
  const hub = await hubAccess({}, () => undefined, true);
  await new Promise<void>((resolve, reject) => {
    const run = compress(recipe, { hub, ...options }).subscribe({
      next(event) {
        if (event.type !== 'stage-started' || isWait(event)) return;
        resolve();
        run.unsubscribe();
      },
      error: reject,
      complete: resolve,
    });
  });
}

test('of 300 random recipes, a plan accepts those that a run begins with, and refuses the others in the same words', async () => {
  const refused = new Set<string>();
  let accepted = 0;
  for (let seed = 0; seed < 300; seed++) {
    const recipe = randomRecipe(random(seed).fork('recipe'));
    const words = await refusalOf(() => plan(recipe));
    expect(await refusalOf(() => start(recipe)), JSON.stringify(recipe)).toBe(words);
    if (words === undefined) accepted += 1;
    else refused.add(words.replaceAll(/\d+/g, '#'));
  }
  // Both kinds are there, and the mistakes are of many kinds.
  expect(accepted).toBeGreaterThan(50);
  expect(refused.size).toBeGreaterThan(30);
}, 180_000);

const states = { tokens: 64, losses: ['block-output'] };
test.each<[string, Partial<Step>, RegExp]>([
  [
    'layers that the student lacks',
    { target: 'layers=2', distillation: { ...states, mapping: 'from-last' } },
    /"back"/,
  ],
  ['a balance without its terms', { distillation: { balancer: 'dynamic-alpha' } }, /no loss on intermediate states/],
  [
    'heads that do not divide',
    { distillation: { losses: [{ name: 'attention-relation', relationHeads: 5 }] } },
    /divide/,
  ],
  ['scorers without layers', { pruner: 'depth', importance: { scorers: ['activation'] } }, /scores of layers/],
  [
    'a search that does not go with its pruner',
    { pruner: 'depth', search: 'proportional-width' },
    /Leave the search out, or name "depth", which goes with the pruner "depth"/,
  ],
])('is refused before the model is read, not by the training: %s', async (_what, step, message) => {
  const model = join(bench.folder, 'config-only');
  await mkdir(model, { recursive: true });
  await copyFile(join(bench.folder, 'model', 'config.json'), join(model, 'config.json'));
  const [usual] = bench.recipe.steps;
  await expect(plan({ ...bench.recipe, model, steps: [{ target: '70%', ...usual, ...step }] })).rejects.toThrow(
    message,
  );
});

test.each([
  ['depth', 'depth'],
  ['sublayer', 'depth'],
  ['width', 'proportional-width'],
  ['joint', 'proportional-width'],
])('the pruner %s implies the search %s', async (pruner, search) => {
  const { steps, planned } = await plan({ ...bench.recipe, steps: [{ target: '80%', pruner }] });
  expect(steps[0]?.resolved.search.name).toBe(search);
  const { layers } = planned[0]?.to.architecture ?? { layers: NaN };
  expect(layers).toBe(search === 'depth' ? 2 : 3);
});

test('a machine with too little memory is told of before the work, in the same words, unless that is allowed', async () => {
  const machine = { memory: 3e5, available: 3e5, cores: 1 };
  const words = await refusalOf(() => plan(bench.recipe, machine));
  expect(words).toMatch(/^take step "narrow" on this machine: it needs at least \d+ kB of memory .* there are 300 kB/);
  expect(await refusalOf(() => start(bench.recipe, { machine }))).toBe(words);
  expect(await refusalOf(() => start(bench.recipe, { machine, allowShortage: true }))).toBeUndefined();
});

test('a folder that is there already is told of last, behind what is wrong with the recipe', async () => {
  const out = join(bench.folder, 'taken');
  await mkdir(out);
  await writeFile(join(out, 'thesis.txt'), 'years');
  const [usual] = bench.recipe.steps;
  const recipe = (step: Partial<Step>): RecipeInput => ({
    ...bench.recipe,
    export: { folder: out },
    steps: [{ target: '70%', ...usual, ...step }],
  });
  expect(await refusalOf(() => plan(recipe({})))).toMatch(/taken.*holds other files/);
  expect(await refusalOf(() => plan(recipe({ target: 'heads=3' })))).toMatch(/heads/);
  const missing = { ...recipe({}), data: join(bench.folder, 'missing.txt') };
  expect(await refusalOf(() => plan(missing))).toMatch(/missing.txt/);
});

test('what a plan accepts is not refused later either, unless it has to be measured', async () => {
  let finishedRuns = 0;
  for (let seed = 1000; finishedRuns < 6; seed++) {
    const recipe = randomRecipe(random(seed).fork('recipe'));
    if (recipe.steps?.some(({ target }) => target.startsWith('latency'))) continue;
    if ((await refusalOf(() => plan(recipe))) !== undefined) continue;
    const hub = await hubAccess({}, () => undefined, true);
    expect(await refusalOf(() => finished(compress(recipe, { hub }))), JSON.stringify(recipe)).toBeUndefined();
    finishedRuns += 1;
  }
}, 180_000);
