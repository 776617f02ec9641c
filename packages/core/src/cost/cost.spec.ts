// Costs of a model small enough to add up by hand.
import { expect, test } from 'vitest';
import { add, input, matmul, multiply, program, silu } from '../graph/index.js';
import type { Architecture, ModelFamily } from '../model/index.js';
import { cacheBytes, forwardFlops, matmulFlops, servingBytes, trainFlops } from './index.js';
import { meanKeys } from './flops.js';
import { layersWith } from './parameters.js';

const architecture: Architecture = {
  family: 'small',
  layers: 3,
  sizes: { vocab: 5, hidden: 4, ffn: 6, heads: 4, kvHeads: 2, headDim: 2 },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 16,
  biases: [],
};
/** Names and axes only: nothing is run. */
const family: ModelFamily = {
  name: 'small',
  summary: 'for tests',
  modelTypes: [],
  readConfig: () => architecture,
  writeConfig: (original) => original,
  weights: ({ layers }) => [
    { name: 'table', axes: ['vocab', 'hidden'], kind: 'embedding' },
    ...Array.from({ length: layers }, (_, layer) => [
      { name: `${layer}.q`, axes: ['heads·headDim', 'hidden'], layer, kind: 'matrix' } as const,
      { name: `${layer}.k`, axes: ['kvHeads·headDim', 'hidden'], layer, kind: 'matrix' } as const,
      { name: `${layer}.in`, axes: ['ffn', 'hidden'], layer, kind: 'matrix' } as const,
      { name: `${layer}.out`, axes: ['hidden', 'ffn'], layer, kind: 'matrix' } as const,
    ]).flat(),
    { name: 'norm', axes: ['hidden'], kind: 'norm' },
  ],
  forward: () => {
    throw new Error('not run');
  },
};
// 312 parameters: table 5·4, norm 4, and in each of 3 layers q 8·4, k 4·4, in and out 6·4.
const model = { family, architecture };

test('weights and cache add up', () => {
  // 3 layers · (keys and values) · 2 heads of 2
  expect(cacheBytes(model, { batch: 5, length: 7 }, 'F32')).toBe(3 * 2 * 2 * 2 * 5 * 7 * 4);
  expect(servingBytes(model, { storage: 'BF16', batch: 5, length: 7 })).toBe(312 * 2 + 24 * 35 * 2);
  expect(servingBytes(model, { storage: 'BF16', cacheStorage: 'F8', batch: 5, length: 7 })).toBe(312 * 2 + 24 * 35);
});

test('a layer without attention has no cache', () => {
  const without = {
    ...family,
    weights: () => family.weights(architecture).filter(({ name }) => !name.startsWith('1.k')),
  };
  expect(layersWith('kvHeads·headDim', { architecture, family: without })).toBe(2);
  expect(cacheBytes({ architecture, family: without }, { batch: 1, length: 1 }, 'I8')).toBe(2 * 2 * 2 * 2);
});

test('operations per token', () => {
  // matrices of 96 elements in each layer, the table as output, and 4 heads of 2 over each key
  const forward = 2 * 3 * 96 + 2 * 5 * 4 + 3 * 4 * 8 * meanKeys(10);
  expect(forwardFlops(model, 10)).toBe(forward);
  expect(trainFlops(model, 10)).toBe(3 * forward);
  expect(trainFlops(model, 10, model)).toBe(4 * forward);
});

test.each([
  [1, 1],
  [63, 63],
  [128, 96], // two blocks of 64
  [256, 160], // four of 64
  [8192, 4608], // eight of 1024
])('with %i tokens a query meets %i keys on average', (length, keys) => {
  expect(meanKeys(length)).toBe(keys);
});

test('equal products are counted once, and those inside composites are found', () => {
  const [a, b] = [input('a', [3, 4], 'float32'), input('b', [4, 5], 'float32')];
  const product = matmul(a, b);
  const again = matmul(a, b);
  const outputs = { y: add(silu(product), multiply(again, 2)) };
  expect(matmulFlops(program('p', { outputs }))).toBe(2 * 3 * 4 * 5);
});
