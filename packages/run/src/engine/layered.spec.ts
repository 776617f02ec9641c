// A model whose weights stay in its folder, layer by layer on ONNX Runtime: the numbers of the model loaded whole, bit for bit.
import { cp, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan,
  checkMasked,
  checkRanking,
  checkReload,
  collectStatistics,
  createGenerator,
  evaluateModel,
  exportModel,
  explicitArchitecture,
  loadModel,
  makePlan,
  measureDepth,
  Pipeline,
  random,
  trainModel,
  type Model,
  type StageContext,
  type StageTools,
} from '@espalier/core';
import {
  activationScorer,
  adamw,
  blockInfluenceScorer,
  cloze,
  constantRate,
  forwardKlLoss,
  jointPruner,
  llama,
  perplexity,
  widthPruner,
} from '@espalier/plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBench, type Bench } from '../testing/bench.js';

const tools: StageTools = { signal: new AbortController().signal, report: () => undefined };
const size = { batch: 2, length: 12 };
const ids = (shift: number): Int32Array => Int32Array.from({ length: 24 }, (_, i) => (37 * i + 11 * shift) % 96);
const data = {
  ...size,
  async *[Symbol.asyncIterator]() {
    await Promise.resolve();
    for (let i = 0; i < 4; i++)
      yield { ...size, ids: ids(i), targets: ids(i + 1), weights: new Float32Array(24).fill(1) };
  },
};
const text = { documents: Array.from({ length: 5 }, (_, i) => Array.from(ids(i))), contextLength: 20 };
const scorers = [activationScorer(), blockInfluenceScorer()];

let bench: Bench;
let models: { readonly F32: Model; readonly BF16: Model };
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  bench = await createBench();
  const load = async (folder: string): Promise<Model> => {
    const { model, close } = await loadModel(folder, [llama()]);
    closing.push(close);
    return model;
  };
  const [F32, halves] = [await load(join(bench.folder, 'model')), join(bench.folder, 'halves')];
  await exportModel(F32, halves, { storage: 'BF16' });
  models = { F32, BF16: await load(halves) };
});
afterAll(async () => {
  for (const close of closing) await close();
  await bench.remove();
});

test.each(['F32', 'BF16'] as const)('a model stored as %s, calibrated and measured', async (type) => {
  const model = models[type];
  expect(model.weights.stored?.('model.norm.weight')?.type).toBe(type);
  const measure = async (layered: boolean) => {
    const context: StageContext = { backend: ortBackend({ threads: 1 }), random: random(1), layered };
    return {
      statistics: await collectStatistics(model, { scorers, samples: 8, folds: 4, data }, context, tools),
      losses: await evaluateModel(model, [perplexity()], text, context, tools),
    };
  };
  const [layered, whole] = [await measure(true), await measure(false)];
  expect(Object.keys(whole.statistics.sums).length).toBeGreaterThan(10);
  expect(layered).toEqual(whole);
});

test.each(['F32', 'BF16'] as const)('text of a model stored as %s, its weights read where they lie', async (type) => {
  const says = async (mapped: boolean): Promise<readonly number[]> => {
    const backend = ortBackend({ threads: 1 });
    let inFiles = 0;
    const createState: typeof backend.createState = (types, device, stored) => {
      inFiles += stored?.size ?? 0;
      return backend.createState(types, device, stored);
    };
    const options = { batch: 2, length: 16, temperature: 0, prompt: [[3, 5, 8], [1, 2, 4]] }; // prettier-ignore
    const generator = await createGenerator(models[type], { backend: { ...backend, createState }, mapped }, options);
    const ids = [...(await generator.sample(random(1)))];
    await generator.dispose();
    expect(inFiles > 10).toBe(mapped);
    return ids;
  };
  expect(await says(true)).toEqual(await says(false));
});

/** A context, and whether all weights of a model were on the device at once while it was used. */
function watched(layered: boolean): { readonly context: StageContext; whole(): boolean } {
  const backend = ortBackend({ threads: 1 });
  let whole = false;
  const createState: typeof backend.createState = (types, ...rest) => {
    whole ||= Object.keys(types).filter((name) => name.startsWith('model/')).length > 0;
    return backend.createState(types, ...rest);
  };
  return { context: { backend: { ...backend, createState }, random: random(1), layered }, whole: () => whole };
}

const work: Readonly<Record<string, (model: Model, context: StageContext) => Promise<unknown>>> = {
  async 'the check of a cut'(model, context) {
    const { architecture } = model;
    const target = explicitArchitecture(architecture, { layers: 2, ffn: 20, heads: 2 });
    const plan = makePlan(jointPruner(), architecture, even(model), target);
    return checkMasked(model, plan, applyPlan(model, plan), context);
  },
  'the check of an export': (model, context) => checkReload(model, model.folder, { families: [llama()], context }),
  async 'the check of a ranking'(model, context) {
    const target = explicitArchitecture(model.architecture, { ffn: 20 });
    const scores = { ...even(model), ffn: Array.from({ length: 3 }, () => Array.from({ length: 44 }, (_, i) => i)) };
    const check = checkRanking({ pruner: widthPruner(), data });
    const done = await Pipeline.of({ teacher: model, target, scores }, context).pipe(check).run();
    return done.rankingLosses;
  },
  'layers left out in turn': (model, context) =>
    measureDepth(model, perplexity(), text, { halves: true }, context, tools),
  'cloze questions': (model, context) => evaluateModel(model, [cloze({ batch: 2 })], questions, context, tools),
};
const questions = {
  documents: [],
  items: Array.from({ length: 5 }, (_, i) => ({
    prompt: Array.from(ids(i)).slice(i),
    choices: [i, i + 7, 40],
    answer: 1,
  })),
  contextLength: 24,
};
const even = ({ architecture: { layers, sizes } }: Model) => {
  const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 1);
  const each = (count: number) => ones(layers).map(() => ones(count));
  const blocks = { layers: ones(layers), attention: ones(layers), feedForward: ones(layers) };
  return {
    ...blocks,
    ffn: each(sizes.ffn),
    heads: each(sizes.heads),
    kvHeads: each(sizes.kvHeads),
    hidden: ones(sizes.hidden),
  };
};

describe.each(Object.entries(work))('%s', (_name, does) => {
  test.each(['F32', 'BF16'] as const)('of a model stored as %s, never all of it at once', async (type) => {
    const [layered, whole] = [watched(true), watched(false)];
    expect(await does(models[type], layered.context)).toEqual(await does(models[type], whole.context));
    expect([layered.whole(), whole.whole()]).toEqual([false, true]);
  });
});

test('a teacher whose weights stay in its folder teaches as one that is loaded does', async () => {
  const train = async (layered: boolean) => {
    const context: StageContext = { backend: ortBackend({ threads: 1 }), random: random(1), layered };
    const losses = [{ term: forwardKlLoss(), weight: 1 }];
    const schedule = constantRate({ peak: 1e-3 });
    const options = { ...size, data, tokens: 48, optimizer: adamw(), schedule, losses };
    const { model, record } = await trainModel(models.F32, models.BF16, options, context, tools);
    return { losses: record.finalLoss, norm: await model.weights.read('model.norm.weight') };
  };
  expect(await train(true)).toEqual(await train(false));
});

test('a number that is none is named by its weight and element, though nobody loads the weight', async () => {
  const folder = join(bench.folder, 'damaged');
  await cp(join(bench.folder, 'halves'), folder, { recursive: true });
  const whole = await loadModel(folder, [llama()]);
  const place = whole.model.weights.stored?.('model.layers.1.mlp.up_proj.weight');
  await whole.close();
  if (place === undefined) throw new Error('the weight is not stored');
  const file = await open(place.file, 'r+');
  await file.write(Uint8Array.of(0xc0, 0x7f), 0, 2, place.offset + 2 * 5);
  await file.close();
  const { model, close } = await loadModel(folder, [llama()]);
  closing.push(close);
  const context: StageContext = { backend: ortBackend({ threads: 1 }), random: random(1), layered: true };
  await expect(evaluateModel(model, [perplexity()], text, context, tools)).rejects.toThrow(
    'element 5 ([0, 5]) of weight "model.layers.1.mlp.up_proj.weight" is NaN',
  );
});
