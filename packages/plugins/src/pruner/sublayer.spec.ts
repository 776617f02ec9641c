// Which halves of layers go, by scores made by hand, and how heads are merged.
import {
  applyPlan,
  checkMasked,
  explicitArchitecture,
  fullPlan,
  makePlan,
  parseTarget,
  planArchitecture,
  random,
  type Architecture,
  type Pruner,
  type Scores,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { describe, expect, test } from 'vitest';
import { tinyLlama } from '../testing/tiny-llama.js';
import { depthPruner } from './depth.js';
import { jointPruner } from './joint.js';
import { sublayerPruner } from './sublayer.js';
import { widthPruner } from './width.js';

const architecture: Architecture = {
  family: 'llama',
  layers: 4,
  sizes: { vocab: 8, hidden: 4, ffn: 3, heads: 4, kvHeads: 2, headDim: 2 },
  tiedEmbeddings: false,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 16,
  biases: [],
};
const scores: Partial<Scores> = {
  layers: [4, 3, 1, 2],
  attention: [5, 1, 2, 4],
  feedForward: [3, 1, 6, 2],
  ffn: [1, 2, 3, 4].map(() => [3, 1, 2]),
};

function planOf(pruner: Pruner, target: string, own = scores, of = architecture) {
  const parsed = parseTarget(target);
  if (parsed.kind !== 'shape') throw new Error('not a shape');
  return makePlan(pruner, of, own, explicitArchitecture(of, parsed.shape));
}

describe('sublayer', () => {
  test('removes the attention, and the feed-forward, of least score', () => {
    expect(planOf(sublayerPruner(), 'attentionLayers=2')).toMatchObject({
      layers: [0, 1, 2, 3],
      withoutAttention: [1, 2],
    });
    expect(planOf(sublayerPruner(), 'ffnLayers=3,attentionLayers=3')).toEqual({
      ...fullPlan({ ...architecture, layers: 3 }),
      layers: [0, 2, 3], // layer 1 would have neither
    });
    const plan = planOf(sublayerPruner(), 'attentionLayers=3,ffnLayers=2');
    expect(plan).toMatchObject({ layers: [0, 2, 3], withoutFeedForward: [3] });
    expect(plan.withoutAttention).toBeUndefined();
  });

  test('drops layers first, then halves of those that stay', () => {
    expect(planOf(sublayerPruner(), 'layers=3,attentionLayers=2')).toMatchObject({
      layers: [0, 1, 3],
      withoutAttention: [1],
    });
  });

  test('a model that lost halves before is cut further, and whole layers by depth as well', () => {
    const before = { ...architecture, withoutAttention: [0, 3] };
    expect(planOf(sublayerPruner(), 'attentionLayers=1', scores, before)).toMatchObject({ withoutAttention: [1] });
    expect(planOf(depthPruner(), 'layers=3', scores, before).layers).toEqual([0, 1, 3]);
  });

  test('asks for scores, and does not cut widths', () => {
    expect(() => planOf(sublayerPruner(), 'attentionLayers=2', {})).toThrow('there are no scores of attention');
    expect(() => planOf(sublayerPruner(), 'ffnLayers=2,ffn=2')).toThrow('the sublayer pruner keeps all widths');
  });
});

test('joint removes halves and narrows the rest; width and depth say that they do not', () => {
  const plan = planOf(jointPruner(), 'attentionLayers=3,ffn=1');
  expect(plan).toMatchObject({ layers: [0, 1, 2, 3], withoutAttention: [1], ffn: [[0], [0], [0], [0]] });
  expect(() => planOf(widthPruner(), 'attentionLayers=3')).toThrow('the width pruner keeps all layers, and keeps them');
  expect(() => planOf(depthPruner(), 'ffnLayers=3')).toThrow('the depth pruner drops whole layers');
});

describe('merged heads', () => {
  const sizes = { ...architecture.sizes, heads: 8 };
  const heads = [1, 2, 3, 4].map(() => [5, 8, 6, 7, 1, 2, 3, 4]); // groups 0…3 and 4…7
  const merges = (target: string) =>
    planOf(widthPruner({ mergeHeads: true }), target, { heads }, { ...architecture, sizes }).mergedHeads?.[3];

  test('the last kept by rank takes up the first dropped, within each group', () => {
    expect(merges('heads=6')).toEqual([
      { into: 2, from: 0 },
      { into: 5, from: 4 },
    ]);
    expect(merges('heads=4')).toEqual([
      { into: 3, from: 2 },
      { into: 1, from: 0 },
      { into: 6, from: 5 },
      { into: 7, from: 4 },
    ]);
  });

  test('as many as there are kept heads to take one up; none by default', () => {
    expect(merges('heads=2')).toEqual([
      { into: 1, from: 3 },
      { into: 7, from: 6 },
    ]);
    expect(merges('heads=4,kvHeads=1')).toEqual([]); // a whole group goes, the other keeps its heads
    expect(planOf(widthPruner(), 'ffn=1').mergedHeads).toBeUndefined();
  });

  test('change the rows of the query projection to 2·W − W′, and nothing else', async () => {
    const model = await tinyLlama(); // heads 4 / kv 2 of 12 channels, hidden 32
    const even = [1, 2, 3].map(() => [1, 2, 4, 3]); // heads 1 and 2 stay
    const target = 'heads=2';
    const merged = applyPlan(
      model,
      planOf(widthPruner({ mergeHeads: true }), target, { heads: even }, model.architecture),
    );
    const plain = applyPlan(model, planOf(widthPruner(), target, { heads: even }, model.architecture));
    const name = 'model.layers.1.self_attn.q_proj.weight';
    const [before, after] = [await model.weights.read(name), await merged.weights.read(name)];
    const expected = [
      [1, 0],
      [2, 3],
    ].flatMap(([into = 0, from = 0]) =>
      Array.from({ length: 12 * 32 }, (_, index) => {
        const at = (head: number): number => before[head * 12 * 32 + index] ?? NaN;
        return Math.fround(at(into) + (at(into) - at(from)));
      }),
    );
    expect(after).toHaveLength(expected.length);
    after.forEach((own, index) => expect(own).toBeCloseTo(expected[index] ?? NaN, 6));
    for (const other of ['k_proj', 'v_proj', 'o_proj']) {
      const same = name.replace('q_proj', other);
      expect(await merged.weights.read(same)).toEqual(await plain.weights.read(same));
    }
  });

  test('are merged in the masked model too, so that the two can be compared', async () => {
    const model = await tinyLlama();
    const own = { heads: [1, 2, 3].map(() => [1, 2, 4, 3]) };
    const plan = planOf(widthPruner({ mergeHeads: true }), 'heads=2', own, model.architecture);
    const context = { backend: referenceBackend(), random: random(1) };
    expect(await checkMasked(model, plan, applyPlan(model, plan), context)).toBeLessThan(1e-6);
    const { mergedHeads: _merged, ...plain } = plan;
    await expect(checkMasked(model, plan, applyPlan(model, plain), context)).rejects.toThrow('differs from the masked');
  });

  test('of heads that stay, or into ones that go, are refused', async () => {
    const { architecture: own } = await tinyLlama();
    const plan = planOf(
      widthPruner({ mergeHeads: true }),
      'heads=2',
      { heads: [1, 2, 3].map(() => [1, 2, 4, 3]) },
      own,
    );
    const wrong = { ...plan, mergedHeads: [[{ into: 0, from: 3 }], [], []] };
    expect(() => planArchitecture(own, wrong)).toThrow(
      'in layer 0 (0-based) the plan must merge dropped heads into kept ones, one into each',
    );
  });
});
