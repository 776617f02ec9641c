// Report, card and summary speak of the model that the run left: over ten shapes of recipes the headline's digest is that of the folder
// as it lies on the disk, and its loss is what that folder gives when it is measured again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createStrategy, evaluateModel, loadModel, modelHash, type Model, type PipelineEvent } from '@espalier/core';
import { tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainedStudent } from '../folder/students.js';
import { reportFromEvents } from '../report/replay.js';
import { reportHtml } from '../report/report-html.js';
import { createBench, type Bench } from '../testing/bench.js';
import type { RecipeInput } from '../recipe/schema.js';
import { compress, finished, type RunEvent } from './run.js';
import type { RunResult } from './session.js';
import { medians } from './speed.js';
import { createWorkbench } from './workbench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const size = { batch: 4, length: 16 };
const training = { tokens: 128, ...size };
const importance = { samples: 8, ...size };
const step = (name: string, target: string, more: object = {}) => ({
  name,
  target,
  importance,
  distillation: training,
  ...more,
});
const depth = { search: 'depth', pruner: 'depth' };
const halving = { name: 'halving', hidden: [24, 28], ffn: [32, 44], tolerance: 0.2, candidates: 2, rungs: [64, 128] };
const twoLosses = { ...training, losses: ['forward-kl', { name: 'block-output', weight: 0.5 }] };

interface Shape {
  readonly title: string;
  readonly steps: readonly object[];
  /** The row that the run is for. */
  readonly row: string;
  /** Members of `export` beside the folder; no export without. */
  readonly exported?: object;
  readonly inMemory?: true;
}

const shapes: readonly Shape[] = [
  { title: 'one step', steps: [step('a', '70%')], row: 'a/distilled', exported: {} },
  { title: 'two steps', steps: [step('a', '80%'), step('b', '80%')], row: 'b/distilled', exported: {} },
  {
    title: 'an export of the first of two steps',
    steps: [step('a', '80%'), step('b', '80%')],
    row: 'a/distilled',
    exported: { step: 'a' },
  },
  {
    title: 'a search with candidates that are trained',
    steps: [step('a', '70%', { search: halving })],
    row: 'a/distilled',
    exported: {},
  },
  {
    title: 'no distillation, the text alone',
    steps: [step('a', '70%', { distillation: { ...training, losses: ['cross-entropy'] } })],
    row: 'a/distilled',
    exported: { exporter: { name: 'safetensors', storage: 'F16' } },
  },
  {
    title: 'comparisons, and a second step from the first model',
    steps: [
      step('a', '70%', { compare: ['lm-loss', 'scratch'] }),
      step('b', 'layers=2', { ...depth, from: 'model', compare: ['lm-loss'] }),
    ],
    row: 'b/distilled',
    exported: {},
  },
  { title: 'several losses', steps: [step('a', '70%', { distillation: twoLosses })], row: 'a/distilled', exported: {} },
  { title: 'depth only', steps: [step('a', 'layers=2', depth)], row: 'a/distilled', exported: {} },
  {
    title: 'width only, without an export',
    steps: [step('a', 'hidden=24,ffn=32', { pruner: 'width' })],
    row: 'a/distilled',
  },
  { title: 'two steps in memory', steps: [step('a', '80%'), step('b', '80%')], row: 'b/distilled', inMemory: true },
];

interface Done {
  readonly result: RunResult;
  readonly events: readonly PipelineEvent[];
  readonly folder: string;
  readonly out: string;
}

async function done({ title, steps, exported, inMemory }: Shape): Promise<Done> {
  const name = title.replaceAll(/\W+/g, '-');
  const [folder, out] = [join(bench.folder, name), join(bench.folder, `${name}-model`)];
  const recipe = {
    ...bench.recipe,
    steps,
    ...(exported === undefined ? {} : { export: { folder: out, ...exported } }),
  } as RecipeInput;
  const events: PipelineEvent[] = [];
  const run = compress(recipe, inMemory === true ? {} : { folder });
  const hear = (event: RunEvent): void => {
    if (event.type !== 'result') events.push(event);
  };
  const result = await finished(run.pipe(tap(hear)));
  return { result, events, folder, out };
}

async function opened<T>(folder: string, look: (model: Model) => Promise<T>): Promise<T> {
  const { model, close } = await loadModel(folder, createWorkbench({ seed: 1, backend: 'ort:cpu' }).families);
  try {
    return await look(model);
  } finally {
    await close();
  }
}

/** Loss of a folder on the documents that the run held back. */
function lossOf(folder: string, documents: readonly (readonly number[])[]): Promise<unknown> {
  const { container, context } = createWorkbench({ seed: 1, backend: 'ort:cpu' });
  const evaluator = createStrategy(container, 'evaluator', 'perplexity');
  const tools = { report: () => undefined, signal: new AbortController().signal };
  return opened(folder, async (model) => {
    const found = await evaluateModel(model, [evaluator], { documents, contextLength: 17 }, context, tools);
    return (found['perplexity'] as { readonly loss: number }).loss;
  });
}

describe('the report of a run', () => {
  test.each(shapes)('of $title is about the model that it leaves', async (shape) => {
    const { result, events, folder, out } = await done(shape);
    const data = reportFromEvents(events, 'run');
    const own = data.rows.find(({ name }) => name === shape.row);
    const left = shape.exported === undefined ? join(folder, 'stages', shape.row, 'distil', 'student') : out;
    const hash =
      shape.inMemory === true ? await modelHash(result.students.get(shape.row)!) : await opened(left, modelHash);

    expect(data.answer).toMatchObject({ row: shape.row, hash });
    expect(result.summary?.answer).toMatchObject({ row: shape.row, hash });
    const sampled = ['teacher', shape.row.replace('distilled', 'pruned'), shape.row];
    expect(data.samples[0]?.texts.map(({ model }) => model)).toEqual(sampled);
    const page = shape.inMemory === true ? reportHtml(data) : await readFile(join(folder, 'report.html'), 'utf8');
    const headline = page.slice(0, page.indexOf('<section>'));
    expect(/class="hash">([0-9a-f]+)</.exec(headline)?.[1]).toBe(hash);
    expect(headline).toContain(`${own?.parameters.toLocaleString('en-GB')} of the teacher`);

    if (shape.inMemory === true) return;
    expect((await trainedStudent(folder)).row).toBe(shape.row);
    const held = join(folder, 'stages/text/held-back/documents.json');
    const loss = await lossOf(left, JSON.parse(await readFile(held, 'utf8')) as number[][]);
    // Another export than float32 is measured before it is rounded.
    const digits = JSON.stringify(shape.exported ?? {}).includes('F16') ? 2 : 6;
    expect(own?.measures.find(({ name }) => name === 'loss')?.value).toBeCloseTo(Number(loss), digits);
    if (shape.exported === undefined) return;
    const card = await readFile(join(out, 'README.md'), 'utf8');
    expect(card).toContain(hash);
    expect(card).toContain(`It has ${own?.parameters.toLocaleString('en-GB')} parameters`);
  });
});

test('a digest is of the values: another weight is another model', async () => {
  const student = join(bench.folder, 'one-step-model');
  const hash = await opened(student, modelHash);
  const changed = await opened(student, (own) =>
    modelHash({
      ...own,
      weights: {
        read: async (name) => {
          const values = await own.weights.read(name);
          return name.endsWith('norm.weight') ? values.map((value) => value * 2) : values;
        },
      },
    }),
  );
  expect(changed).not.toBe(hash);
});

describe('speeds', () => {
  test('are the same for all models of one shape, and are measured as often as there are rounds', async () => {
    const { result, events } = await done({ ...shapes[5]!, title: 'speeds', inMemory: true });
    const speed = new Map(
      result.rows.map(({ name, measures }) => [name, measures.find(({ timed }) => timed === true)]),
    );
    expect(new Set(['a/pruned', 'a/distilled', 'a/lm-loss', 'a/scratch'].map((name) => speed.get(name))).size).toBe(1);
    const different = ['teacher', 'a/pruned', 'b/pruned'].map((name) => speed.get(name));
    expect(new Set(different).size).toBe(3);
    for (const own of different) {
      expect(own?.range?.[0]).toBeLessThanOrEqual(own!.value);
      expect(own?.range?.[1]).toBeGreaterThanOrEqual(own!.value);
    }
    const timings = events.filter((event) => event.type === 'progress' && event.unit === 'timings');
    expect(timings).toHaveLength(3 * 3);
  });

  test('are the medians of their rounds', () => {
    const of = (value: number) => [{ evaluator: 'e', name: 'n', label: 'n', value, timed: true as const }];
    expect(medians([of(5), of(1), of(3)])).toEqual([{ ...of(3)[0], range: [1, 5] }]);
    expect(medians([of(5), of(1)])[0]?.value).toBe(3);
  });
});
