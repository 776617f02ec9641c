// Cases of the elementwise ops with one operand.
import {
  barrier,
  abs,
  cast,
  cos,
  exp,
  log,
  multiply,
  negate,
  not,
  relu,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  stopGradient,
  tanh,
  type DType,
  type Tensor,
} from '@espalier/core/graph';
import {
  awayFromZero,
  booleans,
  eighths,
  exactly,
  floats,
  halves,
  integers,
  normal,
  positive,
  whole,
} from '../draws.js';
import { graphCase, type Draw, type GraphCase } from '../graph-case.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** One operand: an ordinary shape, a scalar, one element, nothing; and values at the edge of the domain. */
function unary(op: (x: Tensor<'float32'>) => Tensor, draw: Draw, edges: readonly number[] = []): readonly GraphCase[] {
  const shapes = [[2, 3], [], [1, 1], [0, 3]];
  return [
    ...shapes.map((shape) => graphCase(`of [${shape.join(', ')}]`, { x: floats(shape, draw) }, ({ x }) => op(x))),
    ...(edges.length === 0
      ? []
      : [graphCase('at the edges', { x: floats([edges.length], exactly(...edges)) }, ({ x }) => op(x), [])]),
  ];
}

function ofIntegers(op: (x: Tensor<'int32'>) => Tensor): GraphCase {
  return graphCase('of integers', { x: integers([2, 3], exactly(-3, 0, 7, 1, -2147483647, 2147483647)) }, ({ x }) =>
    op(x),
  );
}

function castCase(from: 'float32' | 'float16' | 'int32' | 'bool', to: DType, draw: Draw): GraphCase {
  const spec = { float32: floats, float16: halves, int32: integers, bool: booleans }[from]([2, 4], draw);
  return graphCase(`${from} to ${to}`, { x: spec }, ({ x }) => cast(x, to), to === 'float32' ? undefined : []);
}

const edgy = exactly(-1.75, -1, -0.5, 0, 0.5, 1, 1.75, 300);

export const unaryCases = {
  negate: [...unary(negate, normal), ofIntegers(negate)],
  exp: unary(exp, normal, [-inf, -1000, 0, 88, inf, nan]),
  log: unary(log, positive, [0, -1, 1e-30, 1, inf, nan]),
  sqrt: unary(sqrt, positive, [0, -1, 1e30, inf, nan]),
  rsqrt: unary(rsqrt, positive, [0, -1, 1e-30, inf, nan]),
  sigmoid: unary(sigmoid, normal, [-inf, -1000, -20, 20, 1000, inf, nan]),
  tanh: unary(tanh, normal, [-inf, -1000, 1e-4, 1000, inf, nan]),
  sin: unary(sin, normal, [-1000, 0, 3.141592, nan]),
  cos: unary(cos, normal, [-1000, 0, 3.141592, nan]),
  abs: [...unary(abs, awayFromZero, [-inf, -0, nan]), ofIntegers(abs)],
  sign: unary(sign, awayFromZero, [-inf, -1e-30, 0, 1e-30, inf]),
  relu: unary(relu, awayFromZero, [-inf, -1, 0, 1, inf]),
  not: [
    graphCase('of both', { x: booleans([2], exactly(0, 1)) }, ({ x }) => not(x)),
    graphCase('of nothing', { x: booleans([2, 0]) }, ({ x }) => not(x)),
  ],
  cast: [
    castCase('float32', 'int32', edgy),
    castCase('float32', 'bool', edgy),
    castCase('float32', 'float16', eighths),
    castCase('float16', 'float32', eighths),
    castCase('float16', 'int32', eighths),
    castCase('int32', 'float32', whole(-1000, 1000)),
    castCase('int32', 'bool', exactly(-256, -1, 0, 1, 2, 256, 65536, 0)),
    castCase('bool', 'float32', exactly(0, 1)),
    castCase('bool', 'int32', exactly(0, 1)),
    graphCase('of nothing', { x: floats([0, 2]) }, ({ x }) => cast(x, 'int32')),
    graphCase('there and back', { x: floats([5]) }, ({ x }) => cast(cast(x, 'float32'), 'float32')),
  ],
  stopGradient: [
    graphCase('of floats', { x: floats([2, 3]) }, ({ x }) => stopGradient(x), []),
    graphCase('of integers', { x: integers([3]) }, ({ x }) => stopGradient(x)),
    graphCase('of booleans', { x: booleans([3]) }, ({ x }) => stopGradient(x)),
    graphCase('on one of two ways', { x: floats([3]) }, ({ x }) => multiply(x, stopGradient(x)), []),
  ],
  barrier: [
    graphCase('alone', { x: floats([2, 3]) }, ({ x }) => barrier(x)),
    graphCase('of a scalar', { x: floats([]) }, ({ x }) => barrier(x)),
    graphCase('of nothing', { x: floats([0, 2]) }, ({ x }) => barrier(x)),
    graphCase('of integers after floats', { x: integers([3]), y: floats([2, 2]) }, ({ x, y }) => barrier(x, [y])),
    graphCase('of booleans after booleans', { x: booleans([3]), y: booleans([2]) }, ({ x, y }) => barrier(x, [y])),
    graphCase('after what is made of it', { x: floats([2, 3]), y: floats([]), z: floats([0]) }, ({ x, y, z }) =>
      barrier(x, [multiply(x, x), y, z]),
    ),
  ],
} satisfies Record<string, readonly GraphCase[]>;
