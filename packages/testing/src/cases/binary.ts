// Cases of the elementwise ops with several operands.
import {
  add,
  and,
  divide,
  equal,
  less,
  lessEqual,
  maximum,
  minimum,
  multiply,
  or,
  power,
  stopGradient,
  subtract,
  where,
  type NumericDType,
  type Tensor,
} from '@espalier/core/graph';
import { awayFromZero, booleans, distinct, exactly, floats, integers, normal, positive, whole } from '../draws.js';
import { graphCase, type Draw, type GraphCase, type LeafSpec } from '../graph-case.js';

type Float = Tensor<'float32'>;
type Integer = Tensor<'int32'>;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** `distinct`, moved so that it never meets the plain one. */
function spreadOut(random: Parameters<Draw>[0], count: number): readonly number[] {
  return distinct(random, count).map((value) => value + 0.125);
}

/** Two operands that broadcast in every way; `draws` for the first and second. */
function binary(op: (a: Float, b: Float) => Tensor, draws: readonly [Draw, Draw], wrt?: ('a' | 'b')[]): GraphCase[] {
  const shapes = [
    [
      [2, 3],
      [2, 3],
    ],
    [
      [2, 1],
      [1, 3],
    ],
    [[3], [2, 2, 3]],
    [[2, 3], []],
    [[1], [2]],
    [
      [0, 3],
      [1, 3],
    ],
    [
      [2, 1],
      [2, 0],
    ],
  ] as const;
  return shapes.map(([a, b]) =>
    graphCase(
      `[${a.join(', ')}] with [${b.join(', ')}]`,
      { a: floats(a, draws[0]), b: floats(b, draws[1]) },
      (own) => op(own.a, own.b),
      wrt,
    ),
  );
}

/** Pairs of single values. */
function pairs(op: (a: Float, b: Float) => Tensor, values: readonly (readonly [number, number])[]): GraphCase {
  const side = (index: 0 | 1): LeafSpec<'float32'> =>
    floats([values.length], exactly(...values.map((pair) => pair[index])));
  return graphCase('at the edges', { a: side(0), b: side(1) }, (own) => op(own.a, own.b), []);
}

function integerPairs(op: (a: Integer, b: Integer) => Tensor): GraphCase {
  const leaves = { a: integers([2, 1]), b: integers([1, 9], whole(-2, 3)) };
  return graphCase('of integers', leaves, (own) => op(own.a, own.b));
}

function withNumber(op: <D extends NumericDType>(a: Tensor<D>, b: number) => Tensor): GraphCase[] {
  return [
    graphCase('with a number', { a: floats([2, 3], distinct) }, ({ a }) => op(a, 0.7)),
    graphCase('integers with a number', { a: integers([5], whole(-2, 3)) }, ({ a }) => op(a, 1)),
  ];
}

const comparisonEdges = [
  [0, -0],
  [nan, nan],
  [nan, 1],
  [1, inf],
  [-inf, inf],
  [inf, inf],
  [2, 1],
  [1, 1],
  [1, 2],
] as const;

function logical(op: (a: Tensor<'bool'>, b: Tensor<'bool'>) => Tensor): GraphCase[] {
  const leaves = { a: booleans([2, 2], exactly(0, 0, 1, 1)), b: booleans([2], exactly(0, 1)) };
  return [
    graphCase('of every pair', leaves, ({ a, b }) => op(a, b)),
    graphCase('of nothing', { a: booleans([0, 2]), b: booleans([1, 2]) }, ({ a, b }) => op(a, b)),
  ];
}

export const binaryCases = {
  add: [
    ...binary(add, [normal, normal]),
    integerPairs(add),
    ...withNumber(add),
    pairs(add, [
      [inf, -inf],
      [inf, 1],
      [nan, 1],
    ]),
  ],
  subtract: [
    ...binary(subtract, [normal, normal]),
    integerPairs(subtract),
    ...withNumber(subtract),
    pairs(subtract, [
      [inf, inf],
      [1, inf],
    ]),
  ],
  multiply: [
    ...binary(multiply, [normal, normal]),
    integerPairs(multiply),
    ...withNumber(multiply),
    pairs(multiply, [
      [0, inf],
      [-1, inf],
      [0, nan],
    ]),
  ],
  divide: [
    ...binary(divide, [normal, awayFromZero]),
    pairs(divide, [
      [1, 0],
      [-1, 0],
      [0, 0],
      [1, inf],
      [inf, inf],
    ]),
  ],
  power: [
    ...binary(power, [positive, normal]),
    graphCase('of negative bases', { x: floats([4], exactly(-2, -0.5, 1.5, 3)) }, ({ x }) => power(x, 3)),
    graphCase('squares', { x: floats([3], exactly(-2, 0, 3)) }, ({ x }) => power(x, 2)),
    pairs(power, [
      [0, 0],
      [0, 2],
      [0, -1],
      [-2, 0.5],
      [-2, -1],
      [4, 0.5],
      [inf, 2],
    ]),
  ],
  maximum: [
    ...binary(maximum, [distinct, spreadOut]),
    integerPairs(maximum),
    ...withNumber(maximum),
    pairs(maximum, [
      [-inf, 1],
      [inf, 1],
      [2, 2],
    ]),
  ],
  minimum: [
    ...binary(minimum, [distinct, spreadOut]),
    integerPairs(minimum),
    ...withNumber(minimum),
    pairs(minimum, [
      [-inf, 1],
      [inf, 1],
      [2, 2],
    ]),
  ],
  equal: [
    ...binary(equal, [whole(0, 2), whole(0, 2)]),
    integerPairs(equal),
    ...withNumber(equal),
    pairs(equal, comparisonEdges),
  ],
  less: [
    ...binary(less, [whole(0, 3), whole(0, 3)]),
    integerPairs(less),
    ...withNumber(less),
    pairs(less, comparisonEdges),
  ],
  lessEqual: [
    ...binary(lessEqual, [whole(0, 3), whole(0, 3)]),
    integerPairs(lessEqual),
    ...withNumber(lessEqual),
    pairs(lessEqual, comparisonEdges),
  ],
  and: logical(and),
  or: logical(or),
  where: [
    ...binary((a, b) => where(less(stopGradient(a), 0), a, b), [awayFromZero, normal]),
    graphCase('of integers', { c: booleans([2, 1]), a: integers([3]), b: integers([]) }, ({ c, a, b }) =>
      where(c, a, b),
    ),
    graphCase('of booleans', { c: booleans([4]), a: booleans([4]), b: booleans([1]) }, ({ c, a, b }) => where(c, a, b)),
    graphCase('with a number', { c: booleans([2, 3]), a: floats([2, 3]) }, ({ c, a }) => where(c, a, -1)),
    graphCase('one number everywhere', { c: booleans([2, 3]), a: floats([]) }, ({ c, a }) => where(c, a, 7)),
    graphCase(
      'chooses around NaN',
      { c: booleans([2], exactly(0, 1)), a: floats([2], exactly(nan, 1)), b: floats([2], exactly(2, inf)) },
      ({ c, a, b }) => where(c, a, b),
      [],
    ),
    graphCase('of nothing', { c: booleans([0, 1]), a: floats([3]), b: floats([1, 3]) }, ({ c, a, b }) =>
      where(c, a, b),
    ),
  ],
} satisfies Record<string, readonly GraphCase[]>;
