// What a runner holds, by hand: of a small model all weights, of a large one a layer at a time.
import { expect, test } from 'vitest';
import { runnerBytes, weightBytes } from '../cost/index.js';
import { elementCount, input, program, type Program } from '../graph/index.js';
import { runnerWeights, weightShape } from '../model/index.js';
import { toyModel } from './testing/toy-model.js';

const model = toyModel();
const { architecture, family } = model;
const [batch, length] = [2, 3];

function logits(): Program {
  const ids = input('ids', [batch, length], 'int32');
  const out = family.forward(architecture, { ids, weight: runnerWeights(model) });
  return program('logits', { outputs: { logits: out } });
}

test('a runner that has all weights at hand holds them as float32, and what every batch gives', () => {
  const [once, thrice] = [1, 3].map((batches) => runnerBytes(model, logits(), { batches, whole: true }));
  expect(once?.state).toBe(weightBytes(model, 'F32'));
  const given = 4 * batch * length * architecture.sizes.vocab;
  expect((thrice?.values ?? NaN) - (once?.values ?? NaN)).toBe(2 * given);
  expect((once?.total ?? NaN) - (once?.state ?? NaN) - (once?.values ?? NaN)).toBe(192 * 2 ** 20);
});

test('layer by layer, a runner holds the pages of one place, and a state of every batch between the layers', () => {
  const [one, two, many] = [1, 2, 1000].map((batches) => runnerBytes(model, logits(), { batches, whole: false }));
  const sizes = new Map<number | undefined, number>();
  for (const spec of family.weights(architecture)) {
    const bytes = 2 * elementCount(weightShape(spec, architecture.sizes));
    sizes.set(spec.layer, (sizes.get(spec.layer) ?? 0) + bytes);
  }
  expect(one?.state).toBeLessThanOrEqual(Math.max(...sizes.values()));
  expect(one?.state).toBeGreaterThan(0);
  const hidden = 4 * batch * length * architecture.sizes.hidden;
  const given = 4 * batch * length * architecture.sizes.vocab;
  expect((two?.values ?? NaN) - (one?.values ?? NaN)).toBeLessThanOrEqual(hidden + given);
  expect(many?.values).toBeGreaterThanOrEqual(1000 * (hidden + given));
});
