// What the pruners keep, by scores made by hand.
import { planArchitecture, type Architecture, type Scores } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { depthPruner } from './depth.js';
import { jointPruner } from './joint.js';
import { widthPruner } from './width.js';

const architecture: Architecture = {
  family: 'llama',
  layers: 5,
  sizes: { vocab: 8, hidden: 4, ffn: 3, heads: 6, kvHeads: 2, headDim: 2 },
  tiedEmbeddings: false,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 16,
  biases: [],
};
const to = (sizes: Partial<Architecture['sizes']>, layers = 5): Architecture => ({
  ...architecture,
  layers,
  sizes: { ...architecture.sizes, ...sizes },
});
const five = <T>(make: (layer: number) => T): T[] => [0, 1, 2, 3, 4].map(make);
const scores: Scores = {
  hidden: [1, 4, 4, 9],
  ffn: five((layer) => [layer, 2, 5 - layer]),
  heads: five((layer) => [1, 3, 2, layer, 7, 8]),
  layers: [5, 1, 3, 1, 2],
};

describe('width', () => {
  test('keeps the best hidden channels of all, and of equals the lower index', () => {
    expect(widthPruner().plan(architecture, scores, to({ hidden: 2 })).hidden).toEqual([1, 3]);
  });

  test('keeps the best neurons of each layer', () => {
    expect(widthPruner().plan(architecture, scores, to({ ffn: 1 })).ffn).toEqual([[2], [2], [2], [0], [0]]);
  });

  test('keeps the best heads of each group, so that both groups keep as many', () => {
    const { heads, kvHeads } = widthPruner().plan(architecture, scores, to({ heads: 4 }));
    expect(heads).toEqual(five(() => [1, 2, 4, 5]));
    expect(kvHeads).toEqual(five(() => [0, 1]));
  });

  test('by importance, the best comes first within its group', () => {
    const plan = widthPruner({ order: 'importance' }).plan(architecture, scores, to({ hidden: 3, heads: 4, ffn: 2 }));
    expect(plan.hidden).toEqual([3, 1, 2]);
    expect(plan.heads).toEqual(five(() => [1, 2, 5, 4]));
    expect(plan.ffn[4]).toEqual([0, 1]);
    expect(plan.ffn[0]).toEqual([2, 1]);
  });

  test('fewer key/value heads: the group with the higher scores stays, with its own heads', () => {
    const plan = widthPruner().plan(architecture, scores, to({ heads: 2, kvHeads: 1 }));
    expect(plan.kvHeads).toEqual(five(() => [1]));
    expect(plan.heads).toEqual(five(() => [4, 5]));
    expect(planArchitecture(architecture, plan)).toEqual(to({ heads: 2, kvHeads: 1 }));
  });

  test('an axis that stays needs no scores, one that shrinks does', () => {
    const { hidden } = scores;
    expect(widthPruner().plan(architecture, { hidden }, to({ hidden: 2 })).ffn).toEqual(five(() => [0, 1, 2]));
    expect(() => widthPruner().plan(architecture, { hidden }, to({ heads: 4 }))).toThrow(
      'prune heads: there are no scores of heads. Add a scorer that scores heads, e.g. activation.',
    );
  });

  test('does not drop layers', () => {
    expect(() => widthPruner().plan(architecture, scores, to({}, 4))).toThrow('the width pruner keeps all layers');
  });
});

describe('depth', () => {
  test.each([
    [5, [0, 1, 2, 3, 4]],
    [4, [0, 1, 2, 4]], // layers 1 and 3 are equal: the lower one stays
    [3, [0, 2, 4]],
    [1, [0]],
  ])('to %i layers drops the least important ones', (count, layers) => {
    expect(depthPruner().plan(architecture, scores, to({}, count)).layers).toEqual(layers);
  });

  test.each([
    [4, [0, 2, 3, 4]], // the first of equals goes
    [3, [0, 1, 2]], // 3 and 4 add up to 3
    [2, [0, 4]], // 1, 2 and 3 add up to 5, as 2 and its neighbours on the right add up to 6
  ])('contiguous, to %i layers drops the run that adds up to least', (count, layers) => {
    expect(depthPruner({ contiguous: true }).plan(architecture, scores, to({}, count)).layers).toEqual(layers);
  });

  test('keeps the widths whole', () => {
    const plan = depthPruner().plan(architecture, scores, to({}, 3));
    expect(planArchitecture(architecture, plan)).toEqual(to({}, 3));
  });

  test('asks for scores of layers, and does not cut widths', () => {
    expect(() => depthPruner().plan(architecture, {}, to({}, 3))).toThrow('there are no scores of layers');
    expect(() => depthPruner().plan(architecture, scores, to({ hidden: 2, ffn: 1 }, 3))).toThrow(
      'prune hidden, ffn by depth: the depth pruner keeps all widths',
    );
  });
});

test('joint cuts the layers that stay by their own scores', () => {
  const target = to({ ffn: 1, heads: 2 }, 3);
  const plan = jointPruner().plan(architecture, scores, target);
  expect(plan.layers).toEqual([0, 2, 4]);
  expect(plan.ffn).toEqual([[2], [2], [0]]);
  expect(planArchitecture(architecture, plan)).toEqual(target);
});
