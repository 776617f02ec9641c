// What the builder makes and refuses; the compile-time side of it is at the end.
import { describe, expect, test } from 'vitest';
import {
  add, and, argMax, broadcast, cast, concat, constant, divide, dynamicSlice, dynamicUpdateSlice, exp, gather, input, iota, less,
  matmul, max, mean, multiply, pad, reshape, scatterAdd, scatterAddAlongAxis, slice, sliceAll, softmax, sum, takeAlongAxis, topK,
  transpose, where,
} from './build.js'; // prettier-ignore
import { evaluate } from './evaluate.js';
import { attention, rmsNorm, rotary } from './composites/index.js';
import { GraphError } from './shape-rules.js';
import { describeType, type FloatDType, type Tensor } from './tensor.js';

const x = input('x', [2, 3], 'float32');
const n = input('n', [2, 3], 'int32');
const t = input('t', [2, 3], 'bool');
const at = input('at', [], 'int32');

describe('types of results', () => {
  const rows: readonly (readonly [string, Tensor, string])[] = [
    ['broadcasting operands', add(x, input('y', [4, 1, 1], 'float32')), 'float32[4, 2, 3]'],
    ['an operand and a number', multiply(n, 2), 'int32[2, 3]'],
    ['a comparison', less(x, 0), 'bool[2, 3]'],
    [
      'zero-size and one-element axes',
      add(input('e', [0, 3], 'float32'), input('r', [1, 1], 'float32')),
      'float32[0, 3]',
    ],
    ['reductions keep axes', sum(x, [-1]), 'float32[2, 1]'],
    ['reduction of all axes', max(x), 'float32[1, 1]'],
    [
      'matmul with broadcast batches',
      matmul(input('a', [5, 1, 2, 3], 'float32'), input('b', [4, 3, 6], 'float32')),
      'float32[5, 4, 2, 6]',
    ],
    ['topK', topK(x, 2), 'int32[2, 2]'],
    ['gather', gather(x, input('i', [4, 5], 'int32')), 'float32[4, 5, 3]'],
    ['scatterAdd', scatterAdd(input('i', [2], 'int32'), x, 7), 'float32[7, 3]'],
    ['concat along a negative axis', concat([x, x], -1), 'float32[2, 6]'],
    ['a cast to another type', cast(t, 'float16'), 'float16[2, 3]'],
  ];
  test.each(rows)('%s', (_title, tensor, type) => {
    expect(describeType(tensor)).toBe(type);
  });
});

test('what changes nothing makes no node', () => {
  expect(reshape(x, [2, -1])).toBe(x);
  expect(broadcast(x, [2, 3])).toBe(x);
  expect(cast(x, 'float32')).toBe(x);
});

test('reshape infers one size', () => {
  expect(reshape(x, [-1]).shape).toEqual([6]);
  expect(reshape(x, [3, -1, 1]).shape).toEqual([3, 2, 1]);
  const empty = input('empty', [0, 3], 'float32');
  expect(reshape(empty, [-1, 6]).shape).toEqual([0, 6]);
  expect(reshape(empty, [4, 0]).shape).toEqual([4, 0]);
  for (const shape of [
    [0, -1],
    [-1, -1],
  ])
    expect(() => reshape(empty, shape)).toThrow('no one size can stand for −1');
});

test('a mean over nothing is 0', () => {
  expect(Array.from(evaluate({ m: mean(constant(1, [2, 0], 'float32'), [1]) }).m)).toEqual([0, 0]);
});

describe('refusals name the op, its operands and what is wrong', () => {
  const rows: readonly (readonly [() => unknown, string])[] = [
    [
      () => add(x, input('y', [2], 'float32')),
      'add(float32[2, 3], float32[2]): axis 1 of the broadcast shapes disagrees: 3 and 2',
    ],
    [() => sum(x, [2]), 'sum(float32[2, 3]): axis 2 is outside rank 2'],
    [() => sum(x, [0, -2]), 'sum(float32[2, 3]): axes [0, 0] name an axis twice'],
    [() => max(input('e', [2, 0], 'float32')), 'max(float32[2, 0]): axis 1 is empty: no maximum'],
    [() => argMax(input('e', [0], 'float32'), 0), 'axis 0 is empty: no maximum'],
    [() => topK(x, 4), 'topK(float32[2, 3]): k = 4 is not within 1…3'],
    [() => softmax(x, 2), 'softmax(float32[2, 3]): axis 2 is outside rank 2'],
    [() => matmul(x, x), 'matmul(float32[2, 3], float32[2, 3]): inner sizes differ: 3 and 2'],
    [() => matmul(x, input('v', [3], 'float32')), 'needs operands of rank 2 or more'],
    [() => reshape(x, [4, 2]), 'reshape(float32[2, 3]): [4, 2] has 8 elements, the operand 6'],
    [() => reshape(x, [4, -1]), 'reshape(float32[2, 3]): no one size can stand for −1 in [4, -1]'],
    [() => transpose(x, [0, 0]), 'transpose(float32[2, 3]): [0, 0] is not a permutation of the 2 axes'],
    [() => broadcast(x, [3, 2]), 'broadcast(float32[2, 3])'],
    [() => slice(x, 2, 0, 1), 'slice(float32[2, 3]): axis 2 is outside rank 2'],
    [() => slice(x, 1, 1, 4), 'slice(float32[2, 3]): 1…4 is outside axis 1 of size 3'],
    [() => sliceAll(x, [0], [1]), 'needs a start and an end for every axis'],
    [() => slice(x, 1, 0.5, 2), '0.5…2 is outside axis 1'],
    [() => pad(x, [0, -1], [0, 0]), 'sizes must be whole and not negative'],
    [
      () => concat([x, input('y', [3, 3], 'float32')], 1),
      'concat(float32[2, 3], float32[3, 3]): operands differ outside axis 1',
    ],
    [() => concat([], 0), 'concat(): operand 0 is missing'],
    [() => dynamicSlice(x, 1, at, 4), 'dynamicSlice(float32[2, 3], int32[]): size 4 exceeds axis 1 of size 3'],
    [() => dynamicUpdateSlice(x, input('u', [2, 4], 'float32'), 1, at), 'update is longer than axis 1'],
    [() => dynamicSlice(x, 1, input('i', [1], 'int32'), 1), 'start must be a scalar'],
    [
      () => scatterAdd(input('i', [3], 'int32'), x, 4),
      'leading axes of the updates must equal the shape of the indices',
    ],
    [() => scatterAdd(input('i', [2], 'int32'), x, -1), 'size -1 is not valid'],
    [() => dynamicSlice(x, 1, at, -1), 'size -1 is not valid'],
    [() => scatterAddAlongAxis(n, x, 1, 1.5), 'size 1.5 is not valid'],
    [() => takeAlongAxis(x, input('i', [3, 1], 'int32'), 1), 'indices differ from the operand outside axis 1'],
    [() => scatterAddAlongAxis(n, input('u', [2, 2], 'float32'), 1, 4), 'indices and updates differ in shape'],
    [() => constant([1, 2], [3], 'float32'), 'constant(): holds 2 values for 3 elements'],
    [() => constant(0.5, [], 'int32'), 'constant(): 0.5 is no int32'],
    [() => add(n, 0.5), 'constant(): 0.5 is no int32'],
    [() => constant(2, [], 'bool'), 'constant(): 2 is no bool'],
    [() => constant(2 ** 31, [], 'int32'), 'constant(): 2147483648 is no int32'],
    [() => input('x', [2, -1], 'float32'), 'input(): shape [2, -1] is not valid'],
    [() => iota([1.5], 0), 'iota(): shape [1.5] is not valid'],
    [() => topK(input('s', [], 'float32'), 1), 'topK(float32[]): needs an axis'],
    [() => rotary(input('s', [], 'float32'), q(1, 2), q(1, 2)), 'there is no axis -1 in rank 0'],
    [() => attention(q(2, 3), q(3, 3), q(3, 3), { scale: 1 }), '2 query heads do not divide into 3 groups'],
    [
      () => attention(q(1, 2), q(1, 4), q(1, 4), { scale: 1 }),
      'causal attention needs as many keys as queries, found 4 and 2; pass a mask',
    ],
    [
      () => attention(q(2, 2), q(1, 2), q(1, 2), { scale: 1, mask: input('m', [3, 2, 2], 'bool') }),
      'the mask bool[3, 2, 2] does not broadcast',
    ],
  ];
  test.each(rows.map(([build, message]) => [message, build] as const))('%s', (message, build) => {
    expect(build).toThrow(GraphError);
    expect(build).toThrow(message);
  });
});

function q(heads: number, length: number): Tensor<'float32'> {
  return input('q', [1, heads, length, 4], 'float32');
}

describe('mixed dtypes are refused by the compiler, and at run time where it was told to look away', () => {
  const rows: readonly (readonly [string, () => unknown, string])[] = [
    // @ts-expect-error int32 added to float32
    ['int32 added to float32', () => add(x, n), 'operands differ in dtype'],
    // @ts-expect-error bool is no number
    ['bool added', () => add(t, t), 'needs numeric operands, found bool; cast them first'],
    // @ts-expect-error integers are not divided
    ['int32 divided', () => divide(n, n), 'needs float operands, found int32'],
    // @ts-expect-error functions of floats take floats
    ['exp of int32', () => exp(n), 'needs a float operand, found int32; cast it first'],
    // @ts-expect-error float32 compared with int32
    ['float32 compared with int32', () => less(x, n), 'operands differ in dtype'],
    // @ts-expect-error the condition must be bool
    ['where on int32', () => where(n, x, x), 'condition must be bool, found int32'],
    // @ts-expect-error the branches must agree
    ['where between float32 and int32', () => where(t, x, n), 'branches differ in dtype: float32 and int32'],
    // @ts-expect-error products are of floats
    ['matmul of int32', () => matmul(n, n), 'needs two float operands of one dtype'],
    // @ts-expect-error products are of one dtype
    ['matmul of float32 and float16', () => matmul(x, cast(x, 'float16')), 'needs two float operands of one dtype'],
    // @ts-expect-error indices are int32
    ['gather at floats', () => gather(x, x), 'indices must be int32, found float32'],
    // @ts-expect-error logic is on booleans
    ['and of floats', () => and(x, x), 'needs bool operands, found float32'],
    // @ts-expect-error sums are of numbers
    ['sum of bool', () => sum(t), 'needs a numeric operand, found bool'],
    // @ts-expect-error updates have the dtype of what they update
    ['int32 written into float32', () => dynamicUpdateSlice(x, n, 0, at), 'update differs from the operand'],
    // @ts-expect-error a weight has the dtype of what it scales
    ['rmsNorm with int32 weights', () => rmsNorm(x, input('w', [3], 'int32'), { epsilon: 1 }), 'float operands'],
  ];
  test.each(rows)('%s', (_title, build, message) => {
    expect(build).toThrow(GraphError);
    expect(build).toThrow(message);
  });

  test('while generic float code compiles', () => {
    const twice = <D extends FloatDType>(own: Tensor<D>): Tensor<D> => add(multiply(own, 2), own);
    expect(describeType(twice(cast(x, 'float16')))).toBe('float16[2, 3]');
  });
});
