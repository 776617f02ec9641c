// A cut model computes what the whole model computes with the cut parts silenced.
import {
  applyPlan,
  fullPlan,
  makePlan,
  random,
  type Architecture,
  type PrunePlan,
  type Scores,
  type Tap,
  type TapName,
} from '@espalier/core';
import { constant, multiply } from '@espalier/core/graph';
import { expect, test } from 'vitest';
import { logits, tinyLlama } from '../testing/tiny-llama.js';
import { jointPruner } from './joint.js';
import { widthPruner } from './width.js';

const stream = random(7);
const draws = (count: number): number[] => Array.from({ length: count }, () => stream.uniform());

function randomScores({ layers, sizes }: Architecture): Scores {
  const perLayer = (count: number): number[][] => Array.from({ length: layers }, () => draws(count));
  return {
    hidden: draws(sizes.hidden),
    ffn: perLayer(sizes.ffn),
    heads: perLayer(sizes.heads),
    layers: draws(layers),
  };
}

const resized = (architecture: Architecture, sizes: Partial<Architecture['sizes']>, layers?: number): Architecture => ({
  ...architecture,
  layers: layers ?? architecture.layers,
  sizes: { ...architecture.sizes, ...sizes },
});

/** Silences what the plan drops: 0 for dropped channels of a tap, 1 for kept ones. */
function mask(architecture: Architecture, plan: PrunePlan): Tap {
  const { ffn, heads, headDim } = architecture.sizes;
  const masks: Partial<
    Record<TapName, { readonly kept: PrunePlan['ffn']; readonly count: number; readonly block: number }>
  > = {
    ffnActivation: { kept: plan.ffn, count: ffn, block: 1 },
    attentionOutput: { kept: plan.heads, count: heads, block: headDim },
  };
  return (name, value, layer = -1) => {
    const own = masks[name];
    if (own === undefined) return value;
    const kept = new Set(own.kept[layer]);
    const factors = Array.from({ length: own.count * own.block }, (_, i) =>
      kept.has(Math.floor(i / own.block)) ? 1 : 0,
    );
    return multiply(value, constant(factors, [1, factors.length], 'float32'));
  };
}

function expectSame(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, own) => Math.max(most, Math.abs(own)), 0);
  expect(actual.reduce((most, own, i) => Math.max(most, Math.abs(own - (expected[i] ?? NaN))), 0) / scale).toBeLessThan(
    1e-6,
  );
}

test.each([
  ['neurons', { ffn: 17 }],
  ['heads', { heads: 2 }],
  ['neurons and heads', { ffn: 20, heads: 2 }],
  ['a key/value group', { heads: 2, kvHeads: 1 }],
])('sliced equals masked: %s', async (_name, sizes) => {
  const model = await tinyLlama();
  const { architecture } = model;
  const plan = makePlan(widthPruner(), architecture, randomScores(architecture), resized(architecture, sizes));
  const whole = await logits(model);
  const masked = await logits(model, mask(architecture, plan));
  expectSame(await logits(applyPlan(model, plan)), masked);
  expect(Math.max(...masked.map((own, i) => Math.abs(own - (whole[i] ?? NaN))))).toBeGreaterThan(1e-3);
});

test('sliced equals masked when the kept parts stand by importance', async () => {
  const model = await tinyLlama();
  const target = resized(model.architecture, { ffn: 17, heads: 2 });
  const plan = makePlan(
    widthPruner({ order: 'importance' }),
    model.architecture,
    randomScores(model.architecture),
    target,
  );
  expectSame(await logits(applyPlan(model, plan)), await logits(model, mask(model.architecture, plan)));
});

test('the full plan gives the model itself', async () => {
  const model = await tinyLlama();
  expect(await logits(applyPlan(model, fullPlan(model.architecture)))).toEqual(await logits(model));
});

test('everything kept in another order computes the same', async () => {
  const model = await tinyLlama();
  const { hidden, ffn } = fullPlan(model.architecture);
  const plan: PrunePlan = {
    layers: [0, 1, 2],
    hidden: stream.shuffle(hidden),
    ffn: ffn.map((own) => stream.shuffle(own)),
    heads: [
      [3, 2, 0, 1],
      [1, 0, 2, 3],
      [2, 3, 1, 0],
    ],
    kvHeads: [
      [1, 0],
      [0, 1],
      [1, 0],
    ],
  };
  expectSame(await logits(applyPlan(model, plan)), await logits(model));
});

test('a dropped layer is a layer that passes its input on', async () => {
  const model = await tinyLlama();
  const { architecture } = model;
  const scores = { ...randomScores(architecture), layers: [2, 1, 3] };
  const plan = makePlan(jointPruner(), architecture, scores, resized(architecture, {}, 2));
  expect(plan.layers).toEqual([0, 2]);
  const silent: Tap = (name, value, layer) =>
    layer === 1 && (name === 'ffnActivation' || name === 'attentionOutput') ? multiply(value, 0) : value;
  expectSame(await logits(applyPlan(model, plan)), await logits(model, silent));
});

test('dropped hidden channels leave a model of that shape with the weights of the kept ones', async () => {
  const model = await tinyLlama();
  const { architecture } = model;
  const plan = makePlan(widthPruner(), architecture, randomScores(architecture), resized(architecture, { hidden: 20 }));
  const student = applyPlan(model, plan);
  const [before, after] = await Promise.all(
    [model, student].map((own) => own.weights.read('model.embed_tokens.weight')),
  );
  expect(after?.length).toBe(96 * 20);
  expect([...(after ?? [])]).toEqual(
    Array.from({ length: 96 }, (_, row) => plan.hidden.map((channel) => before?.[row * 32 + channel])).flat(),
  );
  expect((await logits(student)).every(Number.isFinite)).toBe(true);
  expect(student.config).toMatchObject({ hidden_size: 20, head_dim: 12, num_attention_heads: 4 });
});
