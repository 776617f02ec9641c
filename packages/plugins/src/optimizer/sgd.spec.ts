// Plain gradient descent.
import { evaluate as evaluateGraph, input } from '@espalier/core/graph';
import { expect, test } from 'vitest';
import { sgd } from './sgd.js';

test.each([
  [true, 0.95 * 2 - 0.1 * 3],
  [false, 2 - 0.1 * 3],
])('sgd takes a step against the gradient, with decay where it applies (%s)', (decay, expected) => {
  const optimizer = sgd({ weightDecay: 0.5 });
  const scalars = optimizer.scalars(1, 0.1);
  const leaf = (name: string) => input(name, [], 'float32');
  const { parameter } = optimizer.update({
    parameter: leaf('parameter'),
    gradient: leaf('gradient'),
    moments: {},
    scalars: Object.fromEntries(Object.keys(scalars).map((name) => [name, leaf(name)])),
    decay,
    weight: { name: 'w', kind: 'matrix' },
  });
  const fed = Object.entries(scalars).map(([name, value]) => [name, [value]] as const);
  const { value } = evaluateGraph(
    { value: parameter },
    { inputs: { parameter: [2], gradient: [3], ...Object.fromEntries(fed) } },
  );
  expect(value[0]).toBeCloseTo(expected, 12);
});
