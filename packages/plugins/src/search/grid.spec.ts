// The grid's own choices, its ranking and what it refuses.
import { chooseArchitecture, computedBudget, parseTarget, type Architecture, type Scores } from '@espalier/core';
import { expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { defaultChoices, gridShapes } from './grid-space.js';
import { gridSearch, rankDiverse } from './grid.js';
import { massKept } from './importance-mass.js';

const shape = (layers: number, sizes: Architecture['sizes']): Architecture => ({
  family: 'llama',
  layers,
  sizes,
  tiedEmbeddings: false,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 2048,
  biases: [],
});
const large = shape(32, { vocab: 128256, hidden: 4096, ffn: 14336, heads: 32, kvHeads: 8, headDim: 128 });
const small = shape(6, { vocab: 96, hidden: 64, ffn: 172, heads: 8, kvHeads: 4, headDim: 8 });
const model = { family: llama(), architecture: small };

test('a large model has multiples of 256, 512 and 2', () => {
  expect(defaultChoices(large)).toEqual({
    layers: [26, 28, 30, 32],
    hidden: [2304, 2560, 2816, 3072, 3328, 3584, 3840, 4096],
    ffn: [7680, 8192, 8704, 9216, 9728, 10240, 10752, 11264, 11776, 12288, 12800, 13312, 13824, 14336],
    heads: [24, 32],
    kvHeads: [8],
  });
});

test('a small model has finer ones, and its own size is always among them', () => {
  const { layers, hidden, ffn, heads } = defaultChoices(small);
  expect({ layers, hidden, heads }).toEqual({ layers: [5, 6], hidden: [36, 40, 44, 48, 52, 56, 60, 64], heads: [8] });
  expect(ffn.at(-1)).toBe(172);
  expect(ffn.every((size, index) => index === ffn.length - 1 || size % 8 === 0)).toBe(true);
});

test('every shape can be pruned to', () => {
  const shapes = gridShapes(small, { heads: [4, 6, 8], kvHeads: [2, 4], layers: [6], hidden: [64], expansion: [2, 4] });
  // 2.7 times the hidden size is all there is, 6 heads do not divide into 4 groups, and 2 groups have at most 4 heads.
  expect(shapes.map(({ sizes }) => [sizes.heads, sizes.kvHeads, sizes.ffn])).toEqual([
    [8, 4, 128],
    [4, 4, 128],
    [4, 2, 128],
  ]);
});

test.each([
  [{ hidden: [128] }, 'hidden 128: the model has hidden 64. Give 1 to 64'],
  [{ heads: [5] }, 'no combination of its sizes can be pruned to'],
  [
    { layers: Array.from({ length: 500 }, () => 6), hidden: Array.from({ length: 500 }, () => 64) },
    'Give fewer sizes on some axis',
  ],
])('%j is refused', (axes, message) => {
  expect(() => gridShapes(small, axes)).toThrow(message);
});

test('what is chosen is the first of the list, near the number and within other budgets', () => {
  const search = gridSearch();
  const target = parseTarget('60%');
  const budget = computedBudget(model, target as Parameters<typeof computedBudget>[1], search.tolerance);
  const { candidates } = search.list?.(model, budget) ?? { candidates: [] };
  const chosen = chooseArchitecture(search, model, target);
  expect(chosen).toEqual(candidates[0]?.architecture);
  expect(budget.cost(chosen)).toBeGreaterThanOrEqual(budget.least);
  expect(budget.cost(chosen)).toBeLessThanOrEqual(budget.most);
  const inMemory = parseTarget('memory=700KiB,storage=f32,batch=1,length=64');
  const fitting = chooseArchitecture(search, model, inMemory);
  const bytes = computedBudget(model, inMemory as Parameters<typeof computedBudget>[1]).cost(fitting);
  expect(bytes).toBeLessThanOrEqual(700 * 1024);
  expect(bytes).toBeGreaterThan(0.9 * 700 * 1024);
});

test('importance decides between shapes of one size', () => {
  const [narrow, shallow] = [shape(6, { ...small.sizes, hidden: 32 }), shape(3, small.sizes)];
  const scores = (hidden: number, layers: number): Partial<Scores> => ({
    hidden: Array.from({ length: 64 }, (_, i) => (i < 32 ? 1 : hidden)),
    layers: Array.from({ length: 6 }, (_, i) => (i < 3 ? 1 : layers)),
  });
  // Half of the channels hold everything, all layers the same; then the other way about.
  expect(massKept(narrow, scores(0, 1))).toBe(1);
  expect(massKept(shallow, scores(0, 1))).toBe(0.75);
  expect(massKept(narrow, scores(1, 0))).toBe(0.75);
  expect(massKept(shallow, scores(1, 0))).toBe(1);
  expect(massKept(narrow, {})).toBe(0);
});

test('the best comes first, then what is unlike it', () => {
  const candidate = (layers: number, hidden: number, proxy: number) => ({
    architecture: shape(layers, { ...small.sizes, hidden }),
    cost: 0,
    proxy,
  });
  const near = [candidate(6, 60, 1), candidate(6, 56, 0.99), candidate(6, 52, 0.98)];
  const [far, bad] = [candidate(3, 64, 0.97), candidate(1, 4, 0.1)];
  // Of eight, the better half is looked at: the bad ones are unlike the best too, but not promising.
  expect(rankDiverse([bad, bad, bad, bad, ...near, far], 2)).toEqual([near[0], far]);
  expect(rankDiverse([bad, ...near, far], 9)).toEqual([...near, far, bad]);
});
