// Masked equals sliced: the whole model with masks against the cut one, both in float64, for plans drawn over every axis.
import {
  applyPlan,
  fullPlan,
  maskInputs,
  maskValues,
  random,
  weightSpecs,
  weightLookup,
  stateWeights,
  type Model,
  type PrunePlan,
} from '@espalier/core';
import { evaluate as evaluateGraph, input } from '@espalier/core/graph';
import { expectClose, fixtureModel, randomPlan, type PlanAxis } from '@espalier/testing';
import { expect, test } from 'vitest';
import { nemotron } from '../family/nemotron.js';
import { qwen3 } from '../family/qwen3.js';
import { fixture, tinyLlama } from '../testing/tiny-llama.js';

const shape = [2, 7];
const ids = Array.from({ length: 14 }, (_, i) => (37 * i + 11) % 40);

/** Float64 logits of a model, or of what a plan leaves of it by masks. */
async function logits(model: Model, masked?: PrunePlan): Promise<Float64Array> {
  const { architecture, family } = model;
  const inputs = {
    ids: input('ids', shape, 'int32'),
    weight: weightLookup(stateWeights(model, (name) => name)),
  };
  const values = masked === undefined ? {} : maskValues(architecture, masked);
  const masks = masked === undefined ? {} : { masks: maskInputs(architecture) };
  const states = new Map<string, Float32Array>();
  for (const { name } of weightSpecs(model)) states.set(name, await model.weights.read(name));
  const fed = Object.entries(values).map(([name, { data }]) => [name, Array.from(data, Number)] as const);
  return evaluateGraph(
    { logits: family.forward(architecture, { ...inputs, ...masks }) },
    { inputs: { ids, ...Object.fromEntries(fed) }, states: Object.fromEntries(states) },
  ).logits;
}

const cuts: readonly (readonly PlanAxis[])[] = [
  ['hidden'],
  ['ffn'],
  ['heads'],
  ['kvHeads'],
  ['layers'],
  ['attention'],
  ['feedForward'],
  ['layers', 'attention', 'feedForward'],
  ['heads', 'kvHeads'],
  ['hidden', 'ffn', 'heads'],
  ['hidden', 'ffn', 'heads', 'kvHeads', 'layers'],
  ['hidden', 'ffn', 'heads', 'kvHeads', 'layers', 'attention', 'feedForward'],
];

test.each(cuts.map((axes) => [axes.join(', '), axes] as const))('of a random cut of %s', async (name, axes) => {
  const model = await tinyLlama();
  const plan = randomPlan(model.architecture, axes, random(3).fork(name));
  const masked = await logits(model, plan);
  expectClose(await logits(applyPlan(model, plan)), masked, 1e-9);
  expect(Math.max(...(await logits(model)).map((own, i) => Math.abs(own - (masked[i] ?? NaN))))).toBeGreaterThan(1e-2);
});

test.each([
  ['nemotron', nemotron()],
  ['qwen3', qwen3()],
])('of random cuts of %s', async (name, family) => {
  const model = await fixtureModel(fixture(`families/${name}`), family);
  for (const axes of cuts) {
    const plan = randomPlan(model.architecture, axes, random(3).fork(axes.join()));
    expectClose(await logits(applyPlan(model, plan)), await logits(model, plan), 1e-9, axes.join());
  }
});

test('masks of ones change nothing', async () => {
  const model = await tinyLlama();
  expectClose(await logits(model, fullPlan(model.architecture)), await logits(model), 1e-12);
});

test('a plan that reorders layers has no masks', async () => {
  const { architecture } = await tinyLlama();
  expect(() => maskValues(architecture, { ...fullPlan(architecture), layers: [1, 0, 2] })).toThrow(
    'the plan changes the order of the layers, which masks cannot follow',
  );
});
