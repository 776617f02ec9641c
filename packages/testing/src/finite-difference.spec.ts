// Differences tell right gradients from wrong ones.
import { expect, test } from 'vitest';
import {
  applyComposite,
  exp,
  isFloatTensor,
  multiply,
  sqrt,
  type CompositeDefinition,
  type Tensor,
} from '@espalier/core/graph';
import { exactly, floats, kept } from './draws.js';
import { caseGradients, gradientErrors } from './finite-difference.js';
import { graphCase, type GraphCase } from './graph-case.js';

/** x² with a gradient of `slope`·x, which is right for 2. */
function squareCase(slope: number, size: number): GraphCase {
  const definition: CompositeDefinition<undefined> = {
    name: 'square',
    body: ([x]) => multiply(float(x), float(x)),
    gradient: ({ inputs: [x], cotangent }) => [multiply(float(cotangent), multiply(float(x), slope))],
  };
  return graphCase('square', { x: floats([size]) }, ({ x }) => applyComposite(definition, [x], undefined));
}

function float(x: Tensor | undefined): Tensor<'float32' | 'float16'> {
  if (x === undefined || !isFloatTensor(x)) throw new Error('needs a float');
  return x;
}

test.each([
  ['few elements, moved one by one', 5],
  ['many elements, moved together', 500],
])('a right gradient has no error and a wrong one has: %s', (_title, size) => {
  expect(gradientErrors(squareCase(2, size))['x']).toBeLessThan(1e-9);
  expect(gradientErrors(squareCase(2.02, size))['x']).toBeGreaterThan(1e-3);
});

test('a gradient that is not a number is an error, even where the difference is none either', () => {
  const own = graphCase('roots of negative numbers', { x: floats([2], exactly(-1, -2)) }, ({ x }) => sqrt(x));
  expect(gradientErrors(own)['x']).toBe(Infinity);
});

test('states are differentiated in like inputs', () => {
  const own = graphCase('state', { s: kept(floats([3])) }, ({ s }) => exp(s));
  expect(gradientErrors(own)['s']).toBeLessThan(1e-9);
});

test('a leaf that is not there is an error', () => {
  expect(() => caseGradients(squareCase(2, 2).build(), ['y'])).toThrow('the case has no leaf "y"');
});
