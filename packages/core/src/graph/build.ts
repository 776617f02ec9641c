// The functions that make graph nodes: one per op, plus the few spellings derived from them. Numbers are accepted where
// a scalar constant is meant. All throw `GraphError` when the operands are not what the op accepts.
import { GraphError, inferType } from './shape-rules.js';
import {
  describeType,
  elementCount,
  isOp,
  sameShape,
  type CompositeDefinition,
  type DType,
  type FloatDType,
  type Node,
  type NumericDType,
  type OpAttributes,
  type OpName,
  type Shape,
  type Tensor,
} from './tensor.js';

/** Makes one node after checking it; the typed functions below are what people call. */
export function makeNode<Op extends OpName>(
  op: Op,
  inputs: readonly Tensor[],
  attributes: OpAttributes[Op],
  given: { readonly shape: Shape; readonly dtype: DType } = { shape: [], dtype: 'float32' },
): Node<Op> {
  const { shape, dtype } = inferType(op, inputs, attributes, given);
  return { op, inputs, attributes, shape, dtype };
}

/** Narrows a node whose dtype the shape rule has fixed. */
function typed<D extends DType>(node: Tensor): Tensor<D> {
  return node as Tensor<D>;
}

// --- Leaves

/** A value fed anew at every run, under `name`. Throws `GraphError` for a size that is not a whole number of at least 0. */
export function input<D extends DType>(name: string, shape: Shape, dtype: D): Tensor<D> {
  return typed(makeNode('input', [], { name }, { shape, dtype }));
}

/** The value that the state `name` has before the run. Throws `GraphError` for a size that is not a whole number of at least 0. */
export function state<D extends DType>(name: string, shape: Shape, dtype: D): Tensor<D> {
  return typed(makeNode('state', [], { name }, { shape, dtype }));
}

/**
 * Row-major values, or one for the whole shape; booleans are 0 and 1. Throws `GraphError` for another number, or what the dtype
 * does not hold.
 */
export function constant<D extends DType>(values: number | readonly number[], shape: Shape, dtype: D): Tensor<D> {
  return typed(makeNode('constant', [], { values: typeof values === 'number' ? [values] : values }, { shape, dtype }));
}

/** 0, 1, 2, … along `axis` (0-based). Throws `GraphError` for an axis outside the shape. */
export function iota(shape: Shape, axis: number): Tensor<'int32'> {
  return typed(makeNode('iota', [], { axis }, { shape, dtype: 'int32' }));
}

/** Zeros of the type of another tensor. */
export function zerosLike<D extends DType>(tensor: Tensor<D>): Tensor<D> {
  return constant(0, tensor.shape, tensor.dtype);
}

// --- Elementwise

type Unary = <D extends FloatDType>(x: Tensor<D>) => Tensor<D>;
const unary =
  (op: 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'sigmoid' | 'tanh' | 'sin' | 'cos' | 'sign' | 'relu'): Unary =>
  (x) =>
    typed(makeNode(op, [x], {}));

/** eˣ, elementwise. */
export const exp = unary('exp');
/** ln x, elementwise; −∞ at 0, NaN below. */
export const log = unary('log');
/** √x, elementwise; NaN below 0. */
export const sqrt = unary('sqrt');
/** 1 / √x, elementwise; ∞ at 0, NaN below. */
export const rsqrt = unary('rsqrt');
/** σ(x) = 1 / (1 + e⁻ˣ), elementwise. */
export const sigmoid = unary('sigmoid');
/** Hyperbolic tangent, elementwise. */
export const tanh = unary('tanh');
/** Sine of radians, elementwise. */
export const sin = unary('sin');
/** Cosine of radians, elementwise. */
export const cos = unary('cos');
/** −1, 0 or 1, elementwise; its gradient is 0. */
export const sign = unary('sign');
/** max(x, 0), elementwise; NaN stays NaN. */
export const relu = unary('relu');

/** −x, elementwise. */
export function negate<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return typed(makeNode('negate', [x], {}));
}

/** |x|, elementwise. */
export function abs<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return typed(makeNode('abs', [x], {}));
}

/** Logical negation, elementwise. */
export function not(x: Tensor<'bool'>): Tensor<'bool'> {
  return typed(makeNode('not', [x], {}));
}

/** Changes the element type; to int32 truncates towards zero (unspecified outside int32's range), to bool is `x ≠ 0`. */
export function cast<D extends DType>(x: Tensor, to: D): Tensor<D> {
  return typed(x.dtype === to ? x : makeNode('cast', [x], { to }));
}

/** The same value through which no gradient flows. */
export function stopGradient<D extends DType>(x: Tensor<D>): Tensor<D> {
  return typed(makeNode('stopGradient', [x], {}));
}

/** `x` as a value of its own, computed after `others`: equal to `x`, merged with nothing. The gradient passes to `x`. */
export function barrier<D extends DType>(x: Tensor<D>, others: readonly Tensor[] = []): Tensor<D> {
  return typed(makeNode('barrier', [x, ...others], {}));
}

function operand<D extends DType>(like: Tensor<D>, value: Tensor<D> | number): Tensor<D> {
  return typeof value === 'number' ? constant(value, [], like.dtype) : value;
}

// `NoInfer`: the first operand alone decides the dtype. Otherwise float32 and int32 would be inferred as their union.
type Binary<Accepted extends DType> = <D extends Accepted>(a: Tensor<D>, b: Tensor<NoInfer<D>> | number) => Tensor<D>;
const binary =
  <Accepted extends DType>(
    op: 'add' | 'subtract' | 'multiply' | 'divide' | 'power' | 'maximum' | 'minimum',
  ): Binary<Accepted> =>
  (a, b) =>
    typed(makeNode(op, [a, operand(a, b)], {}));

/** a + b, broadcast as in NumPy; int32 wraps around. Throws `GraphError` for shapes that do not broadcast. */
export const add = binary<NumericDType>('add');
/** a − b, broadcast; int32 wraps around. Throws `GraphError` for shapes that do not broadcast. */
export const subtract = binary<NumericDType>('subtract');
/** a · b, broadcast; int32 wraps around. Throws `GraphError` for shapes that do not broadcast. */
export const multiply = binary<NumericDType>('multiply');
/** a / b, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const divide = binary<FloatDType>('divide');
/** aᵇ, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const power = binary<FloatDType>('power');
/** The larger of a and b, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const maximum = binary<NumericDType>('maximum');
/** The smaller of a and b, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const minimum = binary<NumericDType>('minimum');

type Comparison = <D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>> | number) => Tensor<'bool'>;
const comparison =
  (op: 'equal' | 'less' | 'lessEqual'): Comparison =>
  (a, b) =>
    typed(makeNode(op, [a, operand(a, b)], {}));

/** a = b, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const equal = comparison('equal');
/** a < b, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const less = comparison('less');
/** a ≤ b, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export const lessEqual = comparison('lessEqual');

/** Whether both hold, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export function and(a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  return typed(makeNode('and', [a, b], {}));
}

/** Whether at least one holds, broadcast. Throws `GraphError` for shapes that do not broadcast. */
export function or(a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  return typed(makeNode('or', [a, b], {}));
}

/** `a` where the condition holds, else `b`; all three broadcast. Throws `GraphError` for shapes that do not. */
export function where<D extends DType>(
  condition: Tensor<'bool'>,
  a: Tensor<D>,
  b: Tensor<NoInfer<D>> | number,
): Tensor<D> {
  return typed(makeNode('where', [condition, a, operand(a, b)], {}));
}

// --- Reductions (reduced axes stay with size 1; negative axes count from the end)

function axisOf(x: Tensor, axis: number): number {
  return axis < 0 ? axis + x.shape.length : axis;
}

function axesOf(x: Tensor, axes: readonly number[] | undefined): readonly number[] {
  return axes === undefined ? x.shape.map((_, axis) => axis) : axes.map((axis) => axisOf(x, axis));
}

/**
 * Sum over the axes, all when not given; negative ones count from the end. Throws `GraphError` for one that is not there or
 * named twice.
 */
export function sum<D extends NumericDType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  return typed(makeNode('sum', [x], { axes: axesOf(x, axes) }));
}

/** Maximum over the axes, all when not given; unspecified with NaNs. Throws `GraphError` for an axis not there, named twice or empty. */
export function max<D extends NumericDType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  return typed(makeNode('max', [x], { axes: axesOf(x, axes) }));
}

/** Mean over the axes (all of them when not given); 0 over no elements. Throws `GraphError` as `sum` does. */
export function mean<D extends FloatDType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  const total = sum(x, axes);
  return multiply(total, elementCount(total.shape) / Math.max(1, elementCount(x.shape)));
}

/** Index of the first maximum along an axis, which stays with size 1. Throws `GraphError` for an axis that is outside the rank or empty. */
export function argMax(x: Tensor<NumericDType>, axis: number): Tensor<'int32'> {
  return typed(makeNode('argMax', [x], { axis: axisOf(x, axis) }));
}

/** Indices `[…, k]` of the k largest of the last axis, largest first, first of equals first. Throws `GraphError` unless 1 ≤ k ≤ size. */
export function topK(x: Tensor<NumericDType>, k: number): Tensor<'int32'> {
  return typed(makeNode('topK', [x], { k }));
}

/** eˣ / Σ eˣ along an axis (the last when not given), computed below the maximum. Throws `GraphError` for an axis outside the rank. */
export function softmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return typed(makeNode('softmax', [x], { axis: axisOf(x, axis) }));
}

/** x − ln Σ eˣ along an axis (the last when not given), computed below the maximum. Throws `GraphError` for an axis outside the rank. */
export function logSoftmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return typed(makeNode('logSoftmax', [x], { axis: axisOf(x, axis) }));
}

/** Inclusive running sum along an axis; `reverse` sums from the end. Throws `GraphError` for an axis outside the rank. */
export function cumulativeSum<D extends NumericDType>(x: Tensor<D>, axis: number, reverse = false): Tensor<D> {
  return typed(makeNode('cumulativeSum', [x], { axis: axisOf(x, axis), reverse }));
}

// --- Products

/**
 * Products over the last two axes, `[…, m, k]` · `[…, k, n]` = `[…, m, n]`, the others broadcast; `transposeA` takes the first
 * as `[…, k, m]`, `transposeB` the second as `[…, n, k]`. Throws `GraphError` for ranks below 2 and for sizes that do not fit.
 */
export function matmul<D extends FloatDType>(
  a: Tensor<D>,
  b: Tensor<NoInfer<D>>,
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Tensor<D> {
  const { transposeA = false, transposeB = false } = options;
  return typed(makeNode('matmul', [a, b], { transposeA, transposeB }));
}

// --- Movement

/** The same elements, row-major, in another shape; one size may be −1 unless another is 0. Throws `GraphError` for another count. */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const open = shape.filter((size) => size === -1).length === 1 ? elementCount(x.shape) / known : NaN;
  const full = shape.map((size) => (size === -1 && Number.isInteger(open) ? open : size));
  return sameShape(full, x.shape) ? x : typed(makeNode('reshape', [x], { shape: full }));
}

/** Axis `i` of the result is axis `permutation[i]` of the operand (0-based). Throws `GraphError` for what is no permutation of all axes. */
export function transpose<D extends DType>(x: Tensor<D>, permutation: readonly number[]): Tensor<D> {
  return typed(makeNode('transpose', [x], { permutation }));
}

/** Repeats along new leading axes and axes of size 1, as NumPy does. Throws `GraphError` for a shape that `x` does not broadcast to. */
export function broadcast<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  return sameShape(x.shape, shape) ? x : typed(makeNode('broadcast', [x], { shape }));
}

/** Elements `start…end` (end excluded) of one axis. Throws `GraphError` for an axis outside the rank or a stretch outside the axis. */
export function slice<D extends DType>(x: Tensor<D>, axis: number, start: number, end: number): Tensor<D> {
  const own = axisOf(x, axis);
  if (x.shape[own] === undefined) {
    throw new GraphError(`slice(${describeType(x)}): axis ${axis} is outside rank ${x.shape.length}`);
  }
  return sliceAll(
    x,
    x.shape.map((_, index) => (index === own ? start : 0)),
    x.shape.map((size, index) => (index === own ? end : size)),
  );
}

/** The block from a start to an end (excluded) on every axis. Throws `GraphError` for one outside its axis. */
export function sliceAll<D extends DType>(x: Tensor<D>, starts: readonly number[], ends: readonly number[]): Tensor<D> {
  return typed(makeNode('slice', [x], { starts, ends }));
}

/** Zeros (or false) before and after every axis. Throws `GraphError` for negative counts, or not one for every axis. */
export function pad<D extends DType>(x: Tensor<D>, before: readonly number[], after: readonly number[]): Tensor<D> {
  return typed(makeNode('pad', [x], { before, after }));
}

/** The parts one after the other. Throws `GraphError` for none, and for parts that differ in dtype or outside the axis. */
export function concat<D extends DType>(parts: readonly Tensor<D>[], axis: number): Tensor<D> {
  const [first] = parts;
  return typed(makeNode('concat', parts, { axis: first === undefined ? axis : axisOf(first, axis) }));
}

/**
 * `size` elements of one axis from a start known at run time (int32 scalar; a start past the end is clamped). Throws
 * `GraphError` for a size above the axis'.
 */
export function dynamicSlice<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start: Tensor<'int32'>,
  size: number,
): Tensor<D> {
  return typed(makeNode('dynamicSlice', [x, start], { axis: axisOf(x, axis), size }));
}

/**
 * A copy of `x` with `update` written along one axis from a start known at run time (int32 scalar, clamped so that it fits).
 * Throws `GraphError` for an update that is longer than the axis or differs from `x` outside it.
 */
export function dynamicUpdateSlice<D extends DType>(
  x: Tensor<D>,
  update: Tensor<NoInfer<D>>,
  axis: number,
  start: Tensor<'int32'>,
): Tensor<D> {
  return typed(makeNode('dynamicUpdateSlice', [x, update, start], { axis: axisOf(x, axis) }));
}

// --- Look-ups. An index outside 0…n−1 is the caller's mistake: the reference evaluator throws, a backend must either throw
// or give unspecified values of the right type, and stay usable.

/**
 * Rows of a table: `[n, …rest]` at int32 `[…index]` gives `[…index, …rest]`. An index outside 0…n−1 is the caller's mistake:
 * the reference evaluator throws `GraphError`, a backend throws or gives unspecified values; so for the other look-ups. Throws
 * `GraphError` for a scalar table.
 */
export function gather<D extends DType>(table: Tensor<D>, indices: Tensor<'int32'>): Tensor<D> {
  return typed(makeNode('gather', [table, indices], {}));
}

/** Sums of updates by index: `[…index]`, `[…index, …rest]` give `[size, …rest]`. Throws `GraphError` for updates of other leading axes. */
export function scatterAdd<D extends NumericDType>(
  indices: Tensor<'int32'>,
  updates: Tensor<D>,
  size: number,
): Tensor<D> {
  return typed(makeNode('scatterAdd', [indices, updates], { size }));
}

/** `x[…, indices[…, j, …], …]`, of the indices' shape. Throws `GraphError` when that differs from `x`'s outside the axis. */
export function takeAlongAxis<D extends DType>(x: Tensor<D>, indices: Tensor<'int32'>, axis: number): Tensor<D> {
  return typed(makeNode('takeAlongAxis', [x, indices], { axis: axisOf(x, axis) }));
}

/** The transpose of `takeAlongAxis`: adds updates to zeros whose `axis` has the size given. Throws `GraphError` for unequal shapes. */
export function scatterAddAlongAxis<D extends NumericDType>(
  indices: Tensor<'int32'>,
  updates: Tensor<D>,
  axis: number,
  size: number,
): Tensor<D> {
  return typed(makeNode('scatterAddAlongAxis', [indices, updates], { axis: axisOf(updates, axis), size }));
}

// --- Composites

/** Applies a named composite; a backend without a kernel for it inlines the body. Throws what the definition's body throws. */
export function applyComposite<D extends DType, Options>(
  definition: CompositeDefinition<Options>,
  inputs: readonly Tensor[],
  options: Options,
): Tensor<D> {
  const body = definition.body(inputs, options);
  return typed(makeNode('composite', inputs, { definition, options, body }));
}

/** True for a constant whose every element is `value`. */
export function isConstant(node: Tensor, value: number): boolean {
  return isOp(node, 'constant') && node.attributes.values.every((own) => own === value);
}
