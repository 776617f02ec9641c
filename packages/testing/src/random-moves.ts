// The steps a random program grows by: each makes one value from a known one, or nothing where it does not fit.
import { at, type Random } from '@espalier/core';
import {
  abs,
  add,
  and,
  argMax,
  broadcast,
  cast,
  concat,
  constant,
  cos,
  cumulativeSum,
  divide,
  elementCount,
  equal,
  exp,
  gather,
  less,
  lessEqual,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  multiply,
  negate,
  not,
  or,
  pad,
  power,
  relu,
  reshape,
  rmsNorm,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  slice,
  softmax,
  sqrt,
  subtract,
  sum,
  takeAlongAxis,
  tanh,
  topK,
  transpose,
  where,
  type DType,
  type NumericDType,
  type Shape,
  type Tensor,
} from '@espalier/core/graph';

/** A tensor of the growing graph and what is known of its values. */
export interface Known<T extends Tensor = Tensor> {
  readonly tensor: T;
  /** No value is larger in size. */
  readonly bound: number;
  /** Float32 computes it without rounding. */
  readonly exact: boolean;
}

interface Context {
  readonly stream: Random;
  readonly pool: readonly Known[];
}

/** One step from a known operand. */
export type Move = (operand: Known, context: Context) => Known | undefined;
type Float = Tensor<'float32'>;

/** A step for operands of one dtype. */
function on<D extends DType>(dtype: D, make: (x: Known<Tensor<D>>, context: Context) => Known | undefined): Move {
  return (operand, context) => {
    return operand.tensor.dtype === dtype ? make(operand as Known<Tensor<D>>, context) : undefined;
  };
}

/** A bounded function of one float. */
function unary(make: (x: Float) => Float, bound: (of: number) => number, exact = false): Move {
  return on('float32', (x) => ({ tensor: make(x.tensor), bound: bound(x.bound), exact: exact && x.exact }));
}

/** An already known tensor of the dtype that broadcasts with the operand. */
function partner<D extends DType>(
  x: Tensor,
  dtype: D,
  { stream, pool }: Context,
  exact = false,
): Known<Tensor<D>> | undefined {
  const fits = pool.filter(({ tensor, exact: own }) => {
    return tensor.dtype === dtype && (own || !exact) && broadcasts(tensor.shape, x.shape);
  });
  return fits.length === 0 ? undefined : (stream.pick(fits) as Known<Tensor<D>>);
}

function broadcasts(a: Shape, b: Shape): boolean {
  const short = Math.min(a.length, b.length);
  const [ownA, ownB] = [a.slice(a.length - short), b.slice(b.length - short)];
  return ownA.every((size, axis) => size === ownB[axis] || size === 1 || ownB[axis] === 1);
}

function binary(make: (a: Float, b: Float) => Float, bound: (a: number, b: number) => number, exact = false): Move {
  return on('float32', (a, context) => {
    const b = partner(a.tensor, 'float32', context);
    if (b === undefined) return undefined;
    return { tensor: make(a.tensor, b.tensor), bound: bound(a.bound, b.bound), exact: exact && a.exact && b.exact };
  });
}

/** Any axis of the operand. */
function axisMove(make: (x: Known<Float>, axis: number, size: number, stream: Random) => Known | undefined): Move {
  return on('float32', (x, { stream }) => {
    if (x.tensor.shape.length === 0) return undefined;
    const axis = stream.integer(x.tensor.shape.length);
    return make(x, axis, at(x.tensor.shape, axis), stream);
  });
}

/** Steps that move elements of any dtype about. */
const movement: readonly Move[] = [
  ({ tensor, ...rest }, { stream }) => ({ ...rest, tensor: reshape(tensor, randomFactors(tensor.shape, stream)) }),
  ({ tensor, ...rest }, { stream }) => ({ ...rest, tensor: transpose(tensor, stream.shuffle([...tensor.shape.keys()])) }),
  ({ tensor, ...rest }, { stream }) => ({ ...rest, tensor: broadcast(tensor, [1 + stream.integer(3), ...tensor.shape]) }),
  ({ tensor, ...rest }, { stream }) => {
    if (tensor.shape.length === 0) return undefined;
    const axis = stream.integer(tensor.shape.length);
    const size = at(tensor.shape, axis);
    const start = stream.integer(size + 1);
    return { ...rest, tensor: slice(tensor, axis, start, start + stream.integer(size - start + 1)) };
  },
  ({ tensor, ...rest }, { stream }) => {
    const sizes = (): number[] => tensor.shape.map(() => stream.integer(2));
    return { ...rest, tensor: pad(tensor, sizes(), sizes()) };
  },
  ({ tensor, bound, exact }, { stream, pool }) => {
    const alike = pool.filter((other) => other.tensor.dtype === tensor.dtype && other.tensor.shape.join() === tensor.shape.join());
    const other = stream.pick(alike);
    if (tensor.shape.length === 0) return undefined;
    const joined = concat([tensor, other.tensor], stream.integer(tensor.shape.length));
    return { tensor: joined, bound: Math.max(bound, other.bound), exact: exact && other.exact };
  },
  ({ tensor, ...rest }, { stream }) => {
    if (tensor.shape.length === 0) return undefined;
    const rows = at(tensor.shape, 0);
    if (rows === 0) return undefined;
    const picked = Array.from({ length: 1 + stream.integer(3) }, () => stream.integer(rows));
    return { ...rest, tensor: gather(tensor, constant(picked, [picked.length], 'int32')) };
  },
]; // prettier-ignore

/** The shape's elements under other factors, in order. */
function randomFactors(shape: Shape, stream: Random): Shape {
  const flat = elementCount(shape);
  if (stream.uniform() < 0.3) return [flat];
  const divisors = Array.from({ length: flat }, (_, i) => i + 1).filter((divisor) => flat % divisor === 0);
  if (divisors.length === 0) return [...shape].reverse();
  const first = stream.pick(divisors);
  return stream.uniform() < 0.5 ? [first, flat / first] : [first, 1, flat / first];
}

/** Differentiable steps on floats. */
const smoothMoves: readonly Move[] = [
  ...movement,
  unary(tanh, () => 1),
  unary(sigmoid, () => 1),
  unary(sin, () => 1),
  unary(cos, () => 1),
  unary(negate, (bound) => bound, true),
  unary((x) => negate(negate(x)), (bound) => bound, true),
  unary((x) => exp(tanh(x)), () => Math.E),
  unary((x) => log(add(multiply(x, x), 1)), (bound) => Math.log(1 + bound ** 2)),
  unary((x) => sqrt(add(multiply(x, x), 0.5)), (bound) => bound + 1),
  unary((x) => rsqrt(add(multiply(x, x), 0.5)), () => 1.5),
  unary((x) => power(add(multiply(x, x), 0.5), 1.5), (bound) => (bound ** 2 + 0.5) ** 1.5),
  unary((x) => multiply(multiply(x, 0.5), 3), (bound) => 1.5 * bound),
  unary((x) => add(x, constant([0], [1], 'float32')), (bound) => bound),
  unary((x) => silu(x), (bound) => bound),
  binary(add, (a, b) => a + b),
  binary(subtract, (a, b) => a + b),
  binary(multiply, (a, b) => a * b),
  binary((a, b) => divide(a, add(multiply(b, b), 1)), (a) => a),
  axisMove(({ tensor, bound }, axis) => ({ tensor: mean(tensor, [axis]), bound, exact: false })),
  axisMove(({ tensor, bound }, axis, size) => ({ tensor: sum(tensor, [axis]), bound: bound * size, exact: false })),
  axisMove(({ tensor, bound }, axis, size, stream) => {
    return { tensor: cumulativeSum(tensor, axis, stream.uniform() < 0.5), bound: bound * size, exact: false };
  }),
  axisMove(({ tensor }, axis) => ({ tensor: softmax(tensor, axis), bound: 1, exact: false })),
  axisMove(({ tensor, bound }, axis, size) => ({ tensor: logSoftmax(tensor, axis), bound: 2 * bound + Math.log(size + 1), exact: false })),
  axisMove(({ tensor, bound, exact }, axis, size, stream) => {
    if (size === 0) return undefined;
    const shape = tensor.shape.map((own, i) => (i === axis ? 2 : own));
    const picked = Array.from({ length: elementCount(shape) }, () => stream.integer(size));
    return { tensor: takeAlongAxis(tensor, constant(picked, shape, 'int32'), axis), bound, exact };
  }),
  on('float32', ({ tensor }) => {
    const size = tensor.shape.length === 0 ? 0 : at(tensor.shape, -1);
    if (size === 0) return undefined;
    return { tensor: rmsNorm(tensor, constant(0.7, [size], 'float32'), { epsilon: 0.1 }), bound: Math.sqrt(size), exact: false };
  }),
  on('float32', ({ tensor, bound }, { stream }) => {
    if (tensor.shape.length < 2) return undefined;
    const own = stream.uniform() < 0.5 ? tensor : transpose(tensor, [...tensor.shape.keys()].map((axis, _, all) => (axis < all.length - 2 ? axis : 2 * all.length - 3 - axis)));
    const square = stream.uniform() < 0.5;
    const inner = at(own.shape, square ? -1 : -2);
    return { tensor: matmul(own, own, square ? { transposeB: true } : { transposeA: true }), bound: bound ** 2 * Math.max(1, inner), exact: false };
  }),
]; // prettier-ignore

/** Steps on floats that have kinks or jumps. */
const sharpMoves: readonly Move[] = [
  unary(relu, (bound) => bound, true),
  unary(abs, (bound) => bound, true),
  binary(maximum, Math.max, true),
  binary(minimum, Math.max, true),
  axisMove(({ tensor, bound, exact }, axis, size) => (size === 0 ? undefined : { tensor: max(tensor, [axis]), bound, exact })),
  on('float32', (a, context) => {
    const condition = partner(a.tensor, 'bool', context);
    const b = partner(a.tensor, 'float32', context);
    if (condition === undefined || b === undefined || !broadcasts(maximum(a.tensor, b.tensor).shape, condition.tensor.shape)) return undefined;
    return { tensor: where(condition.tensor, a.tensor, b.tensor), bound: Math.max(a.bound, b.bound), exact: a.exact && b.exact };
  }),
  on('float32', (a, context) => {
    const b = a.exact ? partner(a.tensor, 'float32', context, true) : undefined;
    const compare = context.stream.pick([equal, less, lessEqual]);
    return b === undefined ? undefined : { tensor: compare(a.tensor, b.tensor), bound: 1, exact: true };
  }),
  on('float32', ({ tensor, exact }) => (exact ? { tensor: sign(tensor), bound: 1, exact } : undefined)),
  on('float32', ({ tensor, bound, exact }) => (exact ? { tensor: cast(multiply(tensor, 2), 'int32'), bound: 2 * bound, exact } : undefined)),
  axisMove(({ tensor, exact }, axis, size) => (exact && size > 0 ? { tensor: argMax(tensor, axis), bound: size, exact } : undefined)),
  on('float32', ({ tensor, exact }) => {
    const size = tensor.shape.length === 0 ? 0 : at(tensor.shape, -1);
    return exact && size > 1 ? { tensor: topK(tensor, 2), bound: size, exact } : undefined;
  }),
]; // prettier-ignore

/** Steps on floats; without kinks and jumps where `smooth`. */
export function floatMoves(smooth: boolean): readonly Move[] {
  return smooth ? smoothMoves : [...smoothMoves, ...sharpMoves];
}

function integerBinary(make: <D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>) => Tensor, bound: (a: number, b: number) => number): Move {
  return on('int32', (a, context) => {
    const b = partner(a.tensor, 'int32', context);
    if (b === undefined || bound(a.bound, b.bound) > 1e6) return undefined;
    return { tensor: make(a.tensor, b.tensor), bound: bound(a.bound, b.bound), exact: true };
  });
} // prettier-ignore

/** Steps on integers. */
export const integerMoves: readonly Move[] = [
  ...movement,
  integerBinary(add, (a, b) => a + b),
  integerBinary(multiply, (a, b) => a * b),
  integerBinary(minimum, Math.max),
  integerBinary(less, () => 1),
  integerBinary(equal, () => 1),
  on('int32', ({ tensor, bound }) => ({ tensor: cast(tensor, 'float32'), bound, exact: true })),
  on('int32', ({ tensor }) => ({ tensor: cast(tensor, 'bool'), bound: 1, exact: true })),
];

/** Steps on booleans. */
export const boolMoves: readonly Move[] = [
  ...movement,
  on('bool', ({ tensor }) => ({ tensor: not(tensor), bound: 1, exact: true })),
  on('bool', ({ tensor }) => ({ tensor: cast(tensor, 'float32'), bound: 1, exact: true })),
  on('bool', ({ tensor }, context) => {
    const other = partner(tensor, 'bool', context);
    const make = context.stream.pick([and, or]);
    return other === undefined ? undefined : { tensor: make(tensor, other.tensor), bound: 1, exact: true };
  }),
];
