// The suite that every optimiser must pass.
import { describe, expect, test } from 'vitest';
import { at, type Optimizer, type TrainedWeight } from '@espalier/core';
import {
  constant,
  gradient,
  hostFloats,
  hostNumber,
  input,
  multiply,
  program,
  referenceBackend,
  reshape,
  state,
  subtract,
  sum,
} from '@espalier/core/graph';

const goal = [1, -2, 3];
const weight: TrainedWeight = { name: 'w', kind: 'matrix', layer: 0 };

/** The loss Σ (w − goal)² after each of some steps from w = 0. */
async function descent(optimizer: Optimizer, steps: number, learningRate: number): Promise<readonly number[]> {
  const parameter = state('w', [3], 'float32');
  const moments = Object.fromEntries(optimizer.moments.map((name) => [name, state(name, [3], 'float32')]));
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars(1, learningRate)).map((name) => [name, input(name, [], 'float32')]),
  );
  const away = subtract(parameter, constant(goal, [3], 'float32'));
  const loss = reshape(sum(multiply(away, away)), []);
  const [slope] = gradient(loss, [parameter]);
  if (slope?.dtype !== 'float32') throw new Error('no gradient');
  const next = optimizer.update({
    parameter,
    gradient: { ...slope, dtype: 'float32' },
    moments,
    scalars,
    weight,
    decay: false,
  });
  const backend = referenceBackend();
  const step = program('step', { outputs: { loss }, next: { w: next.parameter, ...next.moments } });
  const device = await backend.createState(step.states);
  const executable = await backend.compile(step);
  const losses: number[] = [];
  for (let index = 0; index < steps; index++) {
    const numbers = Object.entries(optimizer.scalars(index + 1, learningRate));
    const fed = Object.fromEntries(numbers.map(([name, value]) => [name, hostFloats(value, [])]));
    losses.push(hostNumber((await executable.run(fed, device))['loss']));
  }
  await executable.dispose();
  await device.dispose();
  return losses;
}

/** Declares the suite's tests: it goes downhill on a quadratic, a learning rate of 0 changes nothing, equal steps give equal losses. */
export function describeOptimizer(optimizer: Optimizer): void {
  describe(`optimizer ${optimizer.name}`, () => {
    test('goes downhill', async () => {
      const losses = await descent(optimizer, 100, 0.02);
      expect(losses.filter((own) => !Number.isFinite(own))).toEqual([]);
      expect(losses.at(-1)).toBeLessThan(at(losses, 0) / 2);
    });

    test('gives every weight a rate that is one, and one of its moments where it gives another result', () => {
      const kinds = ['embedding', 'matrix', 'norm', 'bias'] as const;
      const rates = kinds.map((kind) => optimizer.rate?.({ ...weight, kind }) ?? 1);
      expect(rates.filter((rate) => !Number.isFinite(rate) || rate < 0)).toEqual([]);
      if (optimizer.result !== undefined) expect(optimizer.moments).toContain(optimizer.result);
    });

    test('a rate of 0 changes nothing, and the same steps give the same losses', async () => {
      expect(new Set(await descent(optimizer, 3, 0)).size).toBe(1);
      expect(await descent(optimizer, 5, 0.02)).toEqual(await descent(optimizer, 5, 0.02));
    });
  });
}
