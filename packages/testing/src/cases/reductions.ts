// Cases of the reductions, of what works along an axis, and of products.
import {
  argMax,
  cumulativeSum,
  logSoftmax,
  matmul,
  max,
  softmax,
  sum,
  topK,
  type Shape,
  type Tensor,
} from '@espalier/core/graph';
import { distinct, exactly, floats, integers, normal, spread } from '../draws.js';
import { graphCase, type Draw, type GraphCase } from '../graph-case.js';

type Float = Tensor<'float32'>;

/** Reductions over several axes, over none, and of shapes with one element or nothing. */
function reduction(
  op: <D extends 'float32' | 'int32'>(x: Tensor<D>, axes?: readonly number[]) => Tensor<D>,
  draw: Draw,
): GraphCase[] {
  const one = (shape: Shape, axes?: readonly number[]): GraphCase => {
    const over = axes === undefined ? 'all axes' : `axes [${axes.join(', ')}]`;
    return graphCase(`[${shape.join(', ')}] over ${over}`, { x: floats(shape, draw) }, ({ x }) => op(x, axes));
  };
  return [
    one([2, 3]),
    one([2, 3], [1]),
    one([2, 3, 4], [0, -1]),
    one([2, 3, 2], [-2]),
    one([2, 3], []),
    one([]),
    one([1, 3], [0]),
    one([0, 3], [1]),
    graphCase('of integers', { x: integers([2, 3]) }, ({ x }) => op(x, [0])),
  ];
}

/** Along the last, a middle and a negative axis, of one element and of nothing. */
function alongAxis(op: (x: Float, axis: number) => Tensor, draw: Draw): GraphCase[] {
  const cases: readonly (readonly [Shape, number])[] = [
    [[2, 3], 1],
    [[2, 3, 2], 1],
    [[2, 3, 2], -3],
    [[4], -1],
    [[2, 1], 1],
    [[0, 3], 1],
  ];
  return cases.map(([shape, axis]) =>
    graphCase(`[${shape.join(', ')}] along axis ${axis}`, { x: floats(shape, draw) }, ({ x }) => op(x, axis)),
  );
}

function softmaxCases(op: (x: Float, axis?: number) => Float): GraphCase[] {
  return [
    ...alongAxis(op, normal),
    graphCase('of values in the hundreds', { x: floats([3, 4], spread(300)) }, ({ x }) => op(x)),
    graphCase('with a huge negative score', { x: floats([1, 3], exactly(1, -1e9, 2)) }, ({ x }) => op(x), []),
    graphCase('along an empty axis', { x: floats([2, 0]) }, ({ x }) => op(x)),
  ];
}

/** A product of two shapes for each way of transposing its operands; `a` and `b` are given as [rows, inner], [inner, columns]. */
function products(
  batchA: Shape,
  a: readonly [number, number],
  batchB: Shape,
  b: readonly [number, number],
): GraphCase[] {
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => {
      const shapeA = [...batchA, ...(transposeA ? [a[1], a[0]] : a)];
      const shapeB = [...batchB, ...(transposeB ? [b[1], b[0]] : b)];
      const title = `[${shapeA.join(', ')}]${transposeA ? 'ᵀ' : ''} · [${shapeB.join(', ')}]${transposeB ? 'ᵀ' : ''}`;
      return graphCase(title, { a: floats(shapeA), b: floats(shapeB) }, (own) =>
        matmul(own.a, own.b, { transposeA, transposeB }),
      );
    }),
  );
}

export const reductionCases = {
  sum: [
    ...reduction(sum, normal),
    graphCase('over an empty axis', { x: floats([2, 0]) }, ({ x }) => sum(x, [1])),
    graphCase('of nothing at all', { x: floats([0]) }, ({ x }) => sum(x)),
  ],
  max: [
    ...reduction(max, distinct),
    graphCase('of ties', { x: floats([2, 3], exactly(1, 3, 3, 2, 2, 2)) }, ({ x }) => max(x, [1]), []),
    graphCase(
      'of infinities',
      { x: floats([2, 2], exactly(-Infinity, -Infinity, 1, Infinity)) },
      ({ x }) => max(x, [1]),
      [],
    ),
  ],
  argMax: [
    ...alongAxis(argMax, distinct),
    graphCase('of ties, the first', { x: floats([2, 3], exactly(1, 3, 3, 2, 2, 2)) }, ({ x }) => argMax(x, 1)),
    graphCase('of integers', { x: integers([3, 4]) }, ({ x }) => argMax(x, 0)),
  ],
  topK: [
    graphCase('some', { x: floats([2, 5], distinct) }, ({ x }) => topK(x, 2)),
    graphCase('one', { x: floats([2, 3], distinct) }, ({ x }) => topK(x, 1)),
    graphCase('all, of rank 1', { x: floats([6], distinct) }, ({ x }) => topK(x, 6)),
    graphCase('of rank 3', { x: floats([2, 2, 3], distinct) }, ({ x }) => topK(x, 2)),
    graphCase('of ties, the first first', { x: floats([2, 4], exactly(1, 3, 3, 3, 2, 2, 2, 2)) }, ({ x }) =>
      topK(x, 3),
    ),
    graphCase('of integers', { x: integers([5], exactly(3, -1, 7, 7, 0)) }, ({ x }) => topK(x, 3)),
    graphCase('of no rows', { x: floats([0, 3]) }, ({ x }) => topK(x, 2)),
  ],
  softmax: softmaxCases(softmax),
  logSoftmax: softmaxCases(logSoftmax),
  cumulativeSum: [
    ...alongAxis(cumulativeSum, normal),
    graphCase('in reverse', { x: floats([2, 3]) }, ({ x }) => cumulativeSum(x, 0, true)),
    graphCase('in reverse, negative axis', { x: floats([2, 3, 2]) }, ({ x }) => cumulativeSum(x, -2, true)),
    graphCase('of integers', { x: integers([2, 3]) }, ({ x }) => cumulativeSum(x, 1)),
    graphCase('along an empty axis', { x: floats([2, 0]) }, ({ x }) => cumulativeSum(x, 1)),
  ],
  matmul: [
    ...products([], [2, 3], [], [3, 4]),
    ...products([2], [2, 3], [2], [3, 2]),
    ...products([2, 1], [2, 3], [3], [3, 1]),
    ...products([], [2, 3], [2], [3, 2]),
    ...products([2], [1, 3], [], [3, 1]),
    ...products([2], [2, 1], [1], [1, 3]),
    ...products([], [2, 0], [], [0, 3]),
    ...products([1, 3], [2, 0], [3, 1], [0, 3]),
    ...products([2], [0, 3], [2], [3, 2]),
    ...products([0], [2, 3], [0], [3, 2]),
    // Large enough for the kernels that backends keep for large ones.
    ...products([], [40, 33], [], [33, 50]),
    ...products([2], [40, 33], [2], [33, 50]),
    ...products([2, 1], [40, 33], [3], [33, 50]),
    graphCase(
      'of values of mixed size',
      { a: floats([3, 5], spread(100)), b: floats([5, 2], spread(0.01)) },
      ({ a, b }) => matmul(a, b),
    ),
  ],
};
