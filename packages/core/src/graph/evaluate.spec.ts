// What the ops mean, by values worked out by hand: a total record. Everything else is checked against the evaluator.
import { describe, expect, test } from 'vitest';
import {
abs, add, and, applyComposite, argMax, barrier, broadcast, cast, concat, constant, cos, cumulativeSum, divide, dynamicSlice,
  dynamicUpdateSlice, equal, exp, gather, input, iota, less, lessEqual, log, logSoftmax, matmul, max, maximum, minimum,
  multiply, negate, not, or, pad, power, relu, reshape, rsqrt, scatterAdd, scatterAddAlongAxis, sigmoid, sign, sin,
  slice, softmax, sqrt, state, stopGradient, subtract, sum, takeAlongAxis, tanh, topK, transpose, where,
} from './build.js'; // prettier-ignore
import { evaluate } from './evaluate.js';
import type { OpName, Shape, Tensor } from './tensor.js';
import { expectClose } from '../close.js';

const floats = (shape: Shape, ...values: number[]): Tensor<'float32'> => constant(values, shape, 'float32');
const integers = (shape: Shape, ...values: number[]): Tensor<'int32'> => constant(values, shape, 'int32');
const truths = (shape: Shape, ...values: number[]): Tensor<'bool'> => constant(values, shape, 'bool');
const valuesOf = (result: Tensor): number[] => Array.from(evaluate({ result }).result);

const line = floats([4], -1, 0, 0.5, 2);
const square = floats([2, 3], 1, 2, 3, 4, 5, 6);

/** Results with the values they must have. */
const known: { readonly [Op in OpName]: readonly (readonly [result: Tensor, expected: readonly number[]])[] } = {
  input: [],
  state: [],
  constant: [
    [floats([2], 1, 2), [1, 2]],
    [constant(7, [2, 2], 'int32'), [7, 7, 7, 7]],
    [constant(3, [0], 'float32'), []],
  ],
  iota: [
    [iota([2, 3], 0), [0, 0, 0, 1, 1, 1]],
    [iota([2, 3], 1), [0, 1, 2, 0, 1, 2]],
  ],
  negate: [
    [negate(line), [1, -0, -0.5, -2]],
    [negate(integers([2], 0, 3)), [0, -3]],
  ],
  exp: [[exp(floats([3], 0, 1, -Infinity)), [1, Math.E, 0]]],
  log: [[log(floats([3], 1, Math.E, 0)), [0, 1, -Infinity]]],
  sqrt: [[sqrt(floats([3], 0, 9, -1)), [0, 3, NaN]]],
  rsqrt: [[rsqrt(floats([3], 4, 0.25, 0)), [0.5, 2, Infinity]]],
  sigmoid: [[sigmoid(floats([3], 0, Math.log(3), -1000)), [0.5, 0.75, 0]]],
  tanh: [[tanh(floats([3], 0, Math.log(2), 1000)), [0, 0.6, 1]]],
  sin: [[sin(floats([2], 0, Math.PI / 6)), [0, 0.5]]],
  cos: [[cos(floats([2], 0, Math.PI / 3)), [1, 0.5]]],
  abs: [
    [abs(line), [1, 0, 0.5, 2]],
    [abs(integers([2], -3, 3)), [3, 3]],
  ],
  sign: [[sign(line), [-1, 0, 1, 1]]],
  relu: [[relu(floats([4], -1, 0, 2, NaN)), [0, 0, 2, NaN]]],
  not: [[not(truths([2], 0, 1)), [1, 0]]],
  cast: [
    [cast(floats([6], -1.7, -0.5, 0, 0.5, 1.7, 3e9), 'int32'), [-1, 0, 0, 0, 1, 3e9 - 2 ** 32]],
    [cast(floats([3], -0.5, 0, 2), 'bool'), [1, 0, 1]],
    [cast(truths([2], 0, 1), 'float32'), [0, 1]],
    [cast(integers([2], -3, 3), 'float32'), [-3, 3]],
  ],
  stopGradient: [[stopGradient(line), [-1, 0, 0.5, 2]]],
  barrier: [[barrier(line, [constant(1, [2], 'int32')]), [-1, 0, 0.5, 2]]],
  add: [
    [add(square, floats([2, 1], 10, 20)), [11, 12, 13, 24, 25, 26]],
    [add(integers([1], 2147483647), 1), [-2147483648]],
  ],
  subtract: [[subtract(floats([2], 1, 2), floats([2, 1], 10, 20)), [-9, -8, -19, -18]]],
  multiply: [
    [multiply(square, 2), [2, 4, 6, 8, 10, 12]],
    [multiply(integers([1], 123456789), 987654321), [-67153019]],
  ],
  divide: [[divide(floats([3], 1, 1, 0), floats([3], 4, 0, 0)), [0.25, Infinity, NaN]]],
  power: [[power(floats([4], 2, -2, 0, 4), floats([4], 3, 3, 0, -0.5)), [8, -8, 1, 0.5]]],
  maximum: [
    [maximum(line, 0.25), [0.25, 0.25, 0.5, 2]],
    [maximum(floats([1], NaN), 1), [NaN]],
  ],
  minimum: [[minimum(line, 0.25), [-1, 0, 0.25, 0.25]]],
  equal: [[equal(floats([3], 1, NaN, 0), floats([3], 1, NaN, -0)), [1, 0, 1]]],
  less: [
    [less(line, 0.5), [1, 1, 0, 0]],
    [less(integers([2], 1, 2), integers([2], 2, 2)), [1, 0]],
  ],
  lessEqual: [
    [lessEqual(line, 0.5), [1, 1, 1, 0]],
    [lessEqual(floats([1], NaN), floats([1], NaN)), [0]],
  ],
  and: [[and(truths([4], 0, 0, 1, 1), truths([4], 0, 1, 0, 1)), [0, 0, 0, 1]]],
  or: [[or(truths([4], 0, 0, 1, 1), truths([4], 0, 1, 0, 1)), [0, 1, 1, 1]]],
  where: [[where(truths([2, 1], 1, 0), floats([2], 1, 2), floats([], NaN)), [1, 2, NaN, NaN]]],
  sum: [
    [sum(square), [21]],
    [sum(square, [0]), [5, 7, 9]],
    [sum(square, [-1]), [6, 15]],
    [sum(constant(1, [0, 2], 'float32'), [0]), [0, 0]],
  ],
  max: [
    [max(square, [1]), [3, 6]],
    [max(floats([2], -3, -Infinity)), [-3]],
  ],
  argMax: [
    [argMax(floats([2, 3], 1, 3, 3, 2, 0, 1), 1), [1, 0]],
    [argMax(floats([2, 2], 1, 3, 2, 0), 0), [1, 0]],
  ],
  topK: [[topK(floats([2, 4], 1, 3, 3, 2, 9, 8, 9, 7), 3), [1, 2, 3, 0, 2, 1]]],
  softmax: [
    [softmax(floats([2, 2], 0, Math.log(3), 1000, 1000)), [0.25, 0.75, 0.5, 0.5]],
    [softmax(floats([2, 1], 0, Math.log(3)), 0), [0.25, 0.75]],
  ],
  logSoftmax: [[logSoftmax(floats([2], 0, Math.log(3))), [Math.log(0.25), Math.log(0.75)]]],
  cumulativeSum: [
    [cumulativeSum(square, 1), [1, 3, 6, 4, 9, 15]],
    [cumulativeSum(square, 0, true), [5, 7, 9, 4, 5, 6]],
  ],
  matmul: [
    [matmul(square, floats([3, 1], 1, 0, -1)), [-2, -2]],
    [matmul(square, square, { transposeB: true }), [14, 32, 32, 77]],
    [matmul(square, square, { transposeA: true }), [17, 22, 27, 22, 29, 36, 27, 36, 45]],
    [matmul(square, floats([1, 2], 1, 10), { transposeA: true, transposeB: true }), [41, 52, 63]],
    [matmul(floats([2, 1, 1], 2, 3), floats([2, 1, 2], 1, 2, 3, 4)), [2, 4, 9, 12]],
    [matmul(floats([2, 1, 1], 2, 3), floats([1, 2], 1, 2)), [2, 4, 3, 6]],
    [matmul(constant(0, [2, 0], 'float32'), constant(0, [0, 1], 'float32')), [0, 0]],
  ],
  reshape: [[reshape(square, [3, -1]), [1, 2, 3, 4, 5, 6]]],
  transpose: [
    [transpose(square, [1, 0]), [1, 4, 2, 5, 3, 6]],
    [transpose(floats([1, 2, 2], 1, 2, 3, 4), [2, 0, 1]), [1, 3, 2, 4]],
  ],
  broadcast: [[broadcast(floats([2, 1], 1, 2), [2, 2, 2]), [1, 1, 2, 2, 1, 1, 2, 2]]],
  slice: [
    [slice(square, 1, 1, 3), [2, 3, 5, 6]],
    [slice(square, -2, 1, 2), [4, 5, 6]],
    [slice(square, 0, 1, 1), []],
  ],
  pad: [[pad(floats([1, 2], 1, 2), [1, 0], [0, 1]), [0, 0, 0, 1, 2, 0]]],
  concat: [
    [concat([floats([2, 1], 1, 2), floats([2, 2], 3, 4, 5, 6)], -1), [1, 3, 4, 2, 5, 6]],
    [concat([line, line], 0), [-1, 0, 0.5, 2, -1, 0, 0.5, 2]],
  ],
  dynamicSlice: [1, -5, 5].map(
    (start) =>
      [
        dynamicSlice(line, 0, integers([], start), 2),
        [
          [0, 0.5],
          [-1, 0],
          [0.5, 2],
        ][[1, -5, 5].indexOf(start)] ?? [],
      ] as const,
  ),
  dynamicUpdateSlice: [
    [dynamicUpdateSlice(line, floats([2], 8, 9), 0, integers([], 1)), [-1, 8, 9, 2]],
    [dynamicUpdateSlice(line, floats([2], 8, 9), 0, integers([], 7)), [-1, 0, 8, 9]],
    [dynamicUpdateSlice(square, floats([2, 1], 8, 9), 1, integers([], -1)), [8, 2, 3, 9, 5, 6]],
  ],
  gather: [
    [gather(square, integers([3], 1, 0, 1)), [4, 5, 6, 1, 2, 3, 4, 5, 6]],
    [gather(line, integers([], 3)), [2]],
  ],
  scatterAdd: [[scatterAdd(integers([3], 1, 1, 0), floats([3, 2], 1, 2, 3, 4, 5, 6), 3), [5, 6, 4, 6, 0, 0]]],
  takeAlongAxis: [
    [takeAlongAxis(square, integers([2, 2], 2, 0, 1, 1), 1), [3, 1, 5, 5]],
    [takeAlongAxis(square, integers([1, 3], 1, 0, 1), 0), [4, 2, 6]],
  ],
  scatterAddAlongAxis: [
    [scatterAddAlongAxis(integers([2, 2], 2, 2, 0, 1), floats([2, 2], 1, 2, 3, 4), 1, 3), [0, 0, 3, 3, 4, 0]],
  ],
  composite: [[applyComposite({ name: 'twice', body: () => multiply(line, 2) }, [line], undefined), [-2, 0, 1, 4]]],
};

describe('ops have the values worked out by hand', () => {
  const rows = Object.entries(known).flatMap(([op, results]) =>
    results.map((own, i) => [`${op} ${i + 1}`, ...own] as const),
  );
  test.each(rows)('%s', (title, result, expected) => {
    expectClose(valuesOf(result), expected, 1e-12, title);
  });
});

test('leaves get the values given for their names', () => {
  const [x, s] = [input('x', [2], 'float32'), state('x', [2], 'float32')];
  const found = evaluate({ both: add(x, s) }, { inputs: { x: [1, 2] }, states: { x: [10, 20] } });
  expect(Array.from(found.both)).toEqual([11, 22]);
});

test('a leaf without values, or with the wrong number of them, is an error that names it', () => {
  const x = input('x', [2], 'float32');
  expect(() => evaluate({ x })).toThrow('input "x" has no value');
  expect(() => evaluate({ x }, { inputs: { x: [1] } })).toThrow('input "x" has 1 values, needs 2');
  expect(() => evaluate({ s: state('s', [], 'int32') })).toThrow('state "s" has no value');
});

test('an index outside the axis is an error', () => {
  const at = (index: number): Tensor<'int32'> => integers([1], index);
  expect(() => valuesOf(gather(line, at(4)))).toThrow('gather: index 4 is outside 0…3');
  expect(() => valuesOf(gather(line, at(-1)))).toThrow('gather: index -1');
  expect(() => valuesOf(takeAlongAxis(line, at(4), 0))).toThrow('takeAlongAxis: index 4');
  expect(() => valuesOf(scatterAdd(at(2), floats([1], 1), 2))).toThrow('scatterAdd: index 2');
  expect(() => valuesOf(scatterAddAlongAxis(at(-1), floats([1], 1), 0, 2))).toThrow('scatterAddAlongAxis: index -1');
});

test('every op has a value here, or is a leaf fed from outside', () => {
  const without = Object.entries(known)
    .filter(([, results]) => results.length === 0)
    .map(([op]) => op);
  expect(without).toEqual(['input', 'state']);
});
