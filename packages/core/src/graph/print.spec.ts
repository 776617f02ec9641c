// The text form of graphs: what other tests assert on.
import { expect, test } from 'vitest';
import {
  add,
  applyComposite,
  cast,
  concat,
  constant,
  cumulativeSum,
  gather,
  input,
  iota,
  matmul,
  multiply,
  pad,
  reshape,
  slice,
  softmax,
  state,
  sum,
  topK,
  transpose,
  where,
  less,
} from './build.js';
import { attention, rmsNorm, silu } from './composites/index.js';
import { printGraph, printNode } from './print.js';
import { describeType } from './tensor.js';

const x = input('x', [2, 3], 'float32');

test('every op says what its type does not', () => {
  const weight = state('layer.weight', [4, 3], 'float32');
  const y = matmul(add(x, constant([1, -0, 0.5], [3], 'float32')), weight, { transposeB: true });
  const z = softmax(where(less(y, 0), y, -1e9));
  const moved = concat([slice(reshape(z, [4, 2]), 0, 1, 3), pad(transpose(x, [1, 0]), [0, 0], [1, 0])], 0);
  expect(
    printGraph({
      loss: sum(moved),
      best: topK(z, 2),
      rows: gather(x, cast(iota([2], 0), 'int32')),
      running: cumulativeSum(x, 1, true),
    }),
  ).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = constant([1, -0, 0.5]) : float32[3]
    %2 = add(%0, %1) : float32[2, 3]
    %3 = state(name="layer.weight") : float32[4, 3]
    %4 = matmul(%2, %3; transposeB=true) : float32[2, 4]
    %5 = constant([0]) : float32[]
    %6 = less(%4, %5) : bool[2, 4]
    %7 = constant([-1000000000]) : float32[]
    %8 = where(%6, %4, %7) : float32[2, 4]
    %9 = softmax(%8; axis=1) : float32[2, 4]
    %10 = reshape(%9) : float32[4, 2]
    %11 = slice(%10; starts=[1,0], ends=[3,2]) : float32[2, 2]
    %12 = transpose(%0; permutation=[1,0]) : float32[3, 2]
    %13 = pad(%12; before=[0,0], after=[1,0]) : float32[4, 2]
    %14 = concat(%11, %13; axis=0) : float32[6, 2]
    %15 = sum(%14; axes=[0,1]) : float32[1, 1]
    %16 = topK(%9; k=2) : int32[2, 2]
    %17 = iota(axis=0) : int32[2]
    %18 = gather(%0, %17) : float32[2, 3]
    %19 = cumulativeSum(%0; axis=1, reverse=true) : float32[2, 3]
    loss: %15
    best: %16
    rows: %18
    running: %19"
  `);
});

test('composites show their name and options, and their bodies when asked', () => {
  const y = silu(rmsNorm(x, state('norm', [3], 'float32'), { epsilon: 1e-5 }));
  expect(printGraph({ y })).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = state(name="norm") : float32[3]
    %2 = rmsNorm(%0, %1; epsilon=0.00001) : float32[2, 3]
    %3 = silu(%2) : float32[2, 3]
    y: %3"
  `);
  expect(printGraph({ y }, { bodies: true })).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = state(name="norm") : float32[3]
    %2 = multiply(%0, %0) : float32[2, 3]
    %3 = sum(%2; axes=[1]) : float32[2, 1]
    %4 = constant([0.3333333333333333]) : float32[]
    %5 = multiply(%3, %4) : float32[2, 1]
    %6 = constant([0.00001]) : float32[]
    %7 = add(%5, %6) : float32[2, 1]
    %8 = rsqrt(%7) : float32[2, 1]
    %9 = multiply(%0, %8) : float32[2, 3]
    %10 = multiply(%9, %1) : float32[2, 3]
    %11 = rmsNorm(%0, %1; epsilon=0.00001) : float32[2, 3] = %10
    %12 = sigmoid(%11) : float32[2, 3]
    %13 = multiply(%11, %12) : float32[2, 3]
    %14 = silu(%11) : float32[2, 3] = %13
    y: %14"
  `);
});

test('options that are switched off are left out', () => {
  const q = input('q', [1, 1, 2, 2], 'float32');
  const mask = input('mask', [2, 2], 'bool');
  expect(printNode(attention(q, q, q, { scale: 0.5 }), describeType)).toMatchInlineSnapshot(
    `"attention(float32[1, 1, 2, 2], float32[1, 1, 2, 2], float32[1, 1, 2, 2]; causal=true, scale=0.5) : float32[1, 1, 2, 2]"`,
  );
  expect(printNode(attention(q, q, q, { scale: 0.5, mask }), describeType)).toMatchInlineSnapshot(
    `"attention(float32[1, 1, 2, 2], float32[1, 1, 2, 2], float32[1, 1, 2, 2], bool[2, 2]; scale=0.5) : float32[1, 1, 2, 2]"`,
  );
});

test('many values are a digest, which differs where any value does', () => {
  const values = Array.from({ length: 100 }, (_, i) => i / 2);
  const print = (own: readonly number[]): string => printNode(constant(own, [100], 'float32'), describeType);
  expect(print(values)).toMatchInlineSnapshot(`"constant([0, 0.5, 1, … 100 values #1592cafdaf942f0b]) : float32[100]"`);
  expect(print(values)).toBe(print([...values]));
  for (const [index, value] of [
    [0, -0],
    [99, 0],
    [50, NaN],
  ] as const) {
    expect(print(values.with(index, value))).not.toBe(print(values));
  }
});

test('values that print alike but differ are told apart', () => {
  const print = (value: number): string => printNode(constant(value, [], 'float32'), describeType);
  expect([0, -0, NaN, Infinity, -Infinity, 0.1 + 0.2].map(print)).toMatchInlineSnapshot(`
    [
      "constant([0]) : float32[]",
      "constant([-0]) : float32[]",
      "constant([NaN]) : float32[]",
      "constant([Infinity]) : float32[]",
      "constant([-Infinity]) : float32[]",
      "constant([0.30000000000000004]) : float32[]",
    ]
  `);
});

test('a node used twice is printed once, and results keep their order', () => {
  const twice = add(x, x);
  expect(printGraph({ b: twice, a: multiply(twice, twice), c: x })).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = add(%0, %0) : float32[2, 3]
    %2 = multiply(%1, %1) : float32[2, 3]
    b: %1
    a: %2
    c: %0"
  `);
});

test('results of one name are both printed', () => {
  expect(
    printGraph([
      ['y', x],
      ['y', add(x, 1)],
    ]),
  ).toMatchInlineSnapshot(`
    "%0 = input(name="x") : float32[2, 3]
    %1 = constant([1]) : float32[]
    %2 = add(%0, %1) : float32[2, 3]
    y: %0
    y: %2"
  `);
});

test('a composite without options prints none', () => {
  const twice = applyComposite({ name: 'twice', body: () => add(x, x) }, [x], {});
  expect(printNode(twice, describeType)).toBe('twice(float32[2, 3]) : float32[2, 3]');
});
