// A model whose weights stay in its folder, layer by layer on ONNX Runtime: the numbers of the model loaded whole, bit for bit.
import { join } from 'node:path';
import { ortBackend } from '@espalier/backend-ort';
import {
  collectStatistics,
  evaluateModel,
  exportModel,
  loadModel,
  random,
  type Model,
  type StageContext,
  type StageTools,
} from '@espalier/core';
import { activationScorer, blockInfluenceScorer, llama, perplexity } from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  const open = async (folder: string): Promise<Model> => {
    const { model, close } = await loadModel(folder, [llama()]);
    closing.push(close);
    return model;
  };
  const [F32, halves] = [await open(join(bench.folder, 'model')), join(bench.folder, 'halves')];
  await exportModel(F32, halves, { storage: 'BF16' });
  models = { F32, BF16: await open(halves) };
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
