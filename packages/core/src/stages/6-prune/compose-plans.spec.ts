// A composed plan does what its parts do one after another.
import { expect, test } from 'vitest';
import { fullPlan, planArchitecture, weightSpecs, type Model, type PrunePlan } from '../../model/index.js';
import { toyArchitecture, toyModel } from '../testing/toy-model.js';
import { applyPlan } from './apply-plan.js';
import { composePlans } from './compose-plans.js';
import { intermediateShapes } from './estimate-iteratively.js';
import { InternalError } from '../../errors.js';

async function weightsOf(model: Model): Promise<readonly (readonly [string, readonly number[]])[]> {
  return Promise.all(
    weightSpecs(model).map(async ({ name }) => [name, [...(await model.weights.read(name))]] as const),
  );
}

const first: PrunePlan = {
  layers: [0, 2],
  hidden: [3, 0, 2],
  ffn: [
    [5, 1, 3, 0],
    [0, 2, 4, 5],
  ],
  heads: [
    [3, 2],
    [2, 3],
  ],
  kvHeads: [[1], [1]],
};
const second: PrunePlan = { layers: [1], hidden: [2, 0], ffn: [[3, 0]], heads: [[1]], kvHeads: [[0]] };

test('the composed plan leaves the model that two cuts leave', async () => {
  const model = toyModel();
  const both = applyPlan(model, composePlans(first, second));
  const twice = applyPlan(applyPlan(model, first), second);
  expect(both.architecture).toEqual(twice.architecture);
  expect(await weightsOf(both)).toEqual(await weightsOf(twice));
  expect(composePlans(first, second)).toEqual({
    layers: [2],
    hidden: [2, 3],
    ffn: [[5, 0]],
    heads: [[3]],
    kvHeads: [[1]],
  });
});

test('the full plan changes nothing before or after', () => {
  const model = toyModel();
  expect(composePlans(fullPlan(model.architecture), first)).toEqual(first);
  expect(composePlans(first, fullPlan(applyPlan(model, first).architecture))).toEqual(first);
});

test('intermediate shapes go to the target in equal parts, in whole heads per group', () => {
  const { architecture } = toyModel();
  const from = {
    ...architecture,
    layers: 32,
    sizes: { ...architecture.sizes, hidden: 6144, ffn: 100, heads: 48, kvHeads: 8 },
  };
  const to = { ...from, layers: 30, sizes: { ...from.sizes, hidden: 4096, ffn: 50, heads: 24 } };
  const shapes = intermediateShapes(from, to, 4);
  expect(shapes.map(({ sizes }) => sizes.hidden)).toEqual([5632, 5120, 4608, 4096]);
  expect(shapes.map(({ sizes }) => sizes.heads)).toEqual([40, 40, 32, 24]);
  expect(shapes.map(({ layers }) => layers)).toEqual([32, 31, 31, 30]);
  expect(shapes.at(-1)).toEqual(to);
  expect(intermediateShapes(from, to, 1)).toEqual([to]);
});

test('removed halves of layers and merged heads keep their numbers in the first model', () => {
  const four = { ...toyArchitecture, layers: 4 };
  const first = { ...fullPlan({ ...four, layers: 3 }), layers: [0, 2, 3], withoutAttention: [0, 3] };
  const second = {
    ...fullPlan({ ...four, layers: 2 }),
    layers: [1, 2],
    withoutAttention: [1],
    withoutFeedForward: [2],
    heads: [
      [0, 2],
      [1, 3],
    ],
    mergedHeads: [[{ into: 0, from: 1 }], []],
  };
  const composed = composePlans(first, second);
  expect(composed).toMatchObject({ layers: [2, 3], withoutAttention: [2, 3], withoutFeedForward: [3] });
  expect(composed.mergedHeads).toEqual([[{ into: 0, from: 1 }], []]);
  expect(planArchitecture(four, composed)).toEqual(planArchitecture(planArchitecture(four, first), second));
  expect(() => composePlans(composed, second)).toThrow('Estimate in one round, or turn mergeHeads off');
});

test('a second plan that names what the first does not leave is an error, and no plan of NaN', () => {
  const four = { ...toyArchitecture, layers: 4 };
  const first = { ...fullPlan({ ...four, layers: 2 }), layers: [0, 3] };
  const second = fullPlan({ ...four, layers: 2 });
  const outside = [four.sizes.hidden];
  expect(() => composePlans(first, { ...second, layers: [0, 2] })).toThrow(InternalError);
  expect(() => composePlans(first, { ...second, hidden: outside })).toThrow(InternalError);
  expect(() => composePlans(first, { ...second, ffn: second.ffn.slice(1) })).toThrow(InternalError);
});
