// Every gradient rule and every composite against differences of the function itself, in float64.
import { describe, expect, test } from 'vitest';
import {
  add,
  cast,
  constant,
  evaluate as evaluateGraph,
  gradient,
  input,
  max,
  maximum,
  minimum,
  multiply,
  noGradientReason,
  power,
  reshape,
  sum,
  topological,
  type OpName,
  type Tensor,
} from '@espalier/core/graph';
import { compositeCases } from './composite-cases.js';
import { caseGradients, gradientErrors } from './finite-difference.js';
import { drawLeaves, leafValues, type GraphCase } from './graph-case.js';
import { opCases } from './op-cases.js';
import { randomProgram } from './random-program.js';

const TOLERANCE = 1e-8;

/** Largest relative error of a case's gradients. */
function worstError(graphCase: GraphCase): number {
  return Math.max(...Object.values(gradientErrors(graphCase)));
}

/** The ops whose results are floats computed from floats: those that can pass a gradient. */
const passing = Object.entries(opCases).filter(([op]) => noGradientReason(op as OpName) === undefined);

describe.each([...passing, ...Object.entries(compositeCases)])('the gradient of %s', (_op, cases) => {
  const differentiable = cases.filter(({ wrt }) => wrt.length > 0);
  test.each(differentiable.map((own) => [own.title, own] as const))('equals differences: %s', (_title, own) => {
    expect(worstError(own)).toBeLessThan(TOLERANCE);
  });
});

test.each(Array.from({ length: 30 }, (_, seed) => seed))('of random program %i equals differences', (seed) => {
  expect(worstError(randomProgram(seed, { smooth: true }))).toBeLessThan(1e-7);
});

test('ops without a gradient say why', () => {
  const reasons = Object.keys(opCases).flatMap((op) => {
    const reason = noGradientReason(op as OpName);
    return reason === undefined ? [] : [`${op}: ${reason}`];
  });
  expect(reasons).toMatchInlineSnapshot(`
    [
      "input: has no operands",
      "state: has no operands",
      "constant: has no operands",
      "iota: has no operands",
      "sign: it is piecewise constant",
      "not: its values are integers or booleans",
      "stopGradient: it is there to stop it",
      "equal: its values are integers or booleans",
      "less: its values are integers or booleans",
      "lessEqual: its values are integers or booleans",
      "and: its values are integers or booleans",
      "or: its values are integers or booleans",
      "argMax: its values are integers or booleans",
      "topK: its values are integers or booleans",
    ]
  `);
});

test.each([...opCases.sign, ...opCases.stopGradient.slice(0, 1)])('sign and stopGradient pass none: $title', (own) => {
  const gradients = evaluateGraph(caseGradients(own.build(), ['x']), leafValues(drawLeaves(own)));
  expect(Array.from(gradients['x'] ?? [NaN]).every((value) => value === 0)).toBe(true);
});

describe('where a function has a kink or its formula a hole', () => {
  const x = input('x', [2], 'float32');
  const gradientAt = (y: Tensor<'float32'>, at: readonly number[], of: Tensor = x): number[] => {
    const [result = y] = gradient(sum(y), [of]);
    return Array.from(evaluateGraph({ result }, { inputs: { x: at } }).result);
  };

  test('the first of two equal operands takes it in maximum and minimum', () => {
    const y = input('y', [2], 'float32');
    for (const op of [maximum, minimum]) {
      const [dx = x, dy = x] = gradient(sum(op(x, y)), [x, y]);
      const found = evaluateGraph({ dx, dy }, { inputs: { x: [1, 2], y: [1, 2] } });
      expect([...found.dx, ...found.dy]).toEqual([1, 1, 0, 0]);
    }
  });

  test('equal maxima share it', () => {
    expect(gradientAt(max(x), [3, 3])).toEqual([0.5, 0.5]);
    expect(gradientAt(max(x), [3, 1])).toEqual([1, 0]);
  });

  test('powers of 0 and of negative bases have the slopes of calculus, not NaN', () => {
    expect(gradientAt(power(x, 2), [0, -3])).toEqual([0, -6]);
    expect(gradientAt(power(x, 1), [0, -3])).toEqual([1, 1]);
    expect(gradientAt(power(x, 0), [0, -3])).toEqual([0, 0]);
    expect(gradientAt(power(x, 0.5), [0, 4])).toEqual([Infinity, 0.25]);
  });

  test('an exponent gets a gradient of its own, 0 where the base is 0', () => {
    const base = constant([0, 2], [2], 'float32');
    const [zero, slope] = gradientAt(power(base, x), [3, 3]);
    expect(zero).toBe(0);
    expect(slope).toBeCloseTo(8 * Math.log(2), 12);
  });

  test('an exponent that nobody differentiates costs no logarithm', () => {
    const [result = x] = gradient(sum(power(x, 3)), [x]);
    expect(topological([result]).map(({ op }) => op)).not.toContain('log');
  });
});

test('integers on the way let nothing through', () => {
  const x = input('x', [2], 'float32');
  const whole = cast(cast(x, 'int32'), 'float32');
  const [result = x] = gradient(sum(add(multiply(whole, 5), reshape(multiply(x, 2), [2]))), [x]);
  expect(Array.from(evaluateGraph({ result }, { inputs: { x: [1.5, 2.5] } }).result)).toEqual([2, 2]);
});
