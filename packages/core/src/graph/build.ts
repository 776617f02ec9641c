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

/** A value fed anew at every run. */
export function input<D extends DType>(name: string, shape: Shape, dtype: D): Tensor<D> {
  return typed(makeNode('input', [], { name }, { shape, dtype }));
}

/** The current value of a named state tensor. */
export function state<D extends DType>(name: string, shape: Shape, dtype: D): Tensor<D> {
  return typed(makeNode('state', [], { name }, { shape, dtype }));
}

/** Fixed values in row-major order; a single number fills the shape. Booleans are 0 and 1. */
export function constant<D extends DType>(values: number | readonly number[], shape: Shape, dtype: D): Tensor<D> {
  return typed(makeNode('constant', [], { values: typeof values === 'number' ? [values] : values }, { shape, dtype }));
}

/** 0, 1, 2, … along `axis`. */
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

export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
/** 1 / √x. */
export const rsqrt = unary('rsqrt');
export const sigmoid = unary('sigmoid');
export const tanh = unary('tanh');
export const sin = unary('sin');
export const cos = unary('cos');
/** −1, 0 or 1. */
export const sign = unary('sign');
export const relu = unary('relu');

export function negate<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return typed(makeNode('negate', [x], {}));
}

export function abs<D extends NumericDType>(x: Tensor<D>): Tensor<D> {
  return typed(makeNode('abs', [x], {}));
}

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

export const add = binary<NumericDType>('add');
export const subtract = binary<NumericDType>('subtract');
export const multiply = binary<NumericDType>('multiply');
export const divide = binary<FloatDType>('divide');
export const power = binary<FloatDType>('power');
export const maximum = binary<NumericDType>('maximum');
export const minimum = binary<NumericDType>('minimum');

type Comparison = <D extends NumericDType>(a: Tensor<D>, b: Tensor<NoInfer<D>> | number) => Tensor<'bool'>;
const comparison =
  (op: 'equal' | 'less' | 'lessEqual'): Comparison =>
  (a, b) =>
    typed(makeNode(op, [a, operand(a, b)], {}));

export const equal = comparison('equal');
export const less = comparison('less');
export const lessEqual = comparison('lessEqual');

export function and(a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  return typed(makeNode('and', [a, b], {}));
}

export function or(a: Tensor<'bool'>, b: Tensor<'bool'>): Tensor<'bool'> {
  return typed(makeNode('or', [a, b], {}));
}

/** `a` where the condition holds, else `b`. */
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

/** Sum over the axes (all of them when not given). */
export function sum<D extends NumericDType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  return typed(makeNode('sum', [x], { axes: axesOf(x, axes) }));
}

/** Maximum over the axes (all of them when not given); unspecified where a NaN is among several. */
export function max<D extends NumericDType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  return typed(makeNode('max', [x], { axes: axesOf(x, axes) }));
}

/** Mean over the axes (all of them when not given); 0 over no elements. */
export function mean<D extends FloatDType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D> {
  const total = sum(x, axes);
  return multiply(total, elementCount(total.shape) / Math.max(1, elementCount(x.shape)));
}

/** Index of the first maximum along an axis. */
export function argMax(x: Tensor<NumericDType>, axis: number): Tensor<'int32'> {
  return typed(makeNode('argMax', [x], { axis: axisOf(x, axis) }));
}

/** Indices of the k largest along the last axis, in descending order of value; the first of equals comes first. */
export function topK(x: Tensor<NumericDType>, k: number): Tensor<'int32'> {
  return typed(makeNode('topK', [x], { k }));
}

export function softmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return typed(makeNode('softmax', [x], { axis: axisOf(x, axis) }));
}

export function logSoftmax<D extends FloatDType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return typed(makeNode('logSoftmax', [x], { axis: axisOf(x, axis) }));
}

/** Inclusive running sum along an axis; `reverse` sums from the end. */
export function cumulativeSum<D extends NumericDType>(x: Tensor<D>, axis: number, reverse = false): Tensor<D> {
  return typed(makeNode('cumulativeSum', [x], { axis: axisOf(x, axis), reverse }));
}

// --- Products

/** Batched matrix product over the last two axes; batch axes broadcast. */
export function matmul<D extends FloatDType>(
  a: Tensor<D>,
  b: Tensor<NoInfer<D>>,
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Tensor<D> {
  const { transposeA = false, transposeB = false } = options;
  return typed(makeNode('matmul', [a, b], { transposeA, transposeB }));
}

// --- Movement

/** The same elements in row-major order under another shape; one size may be −1 unless another is 0. */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const open = shape.filter((size) => size === -1).length === 1 ? elementCount(x.shape) / known : NaN;
  const full = shape.map((size) => (size === -1 && Number.isInteger(open) ? open : size));
  return sameShape(full, x.shape) ? x : typed(makeNode('reshape', [x], { shape: full }));
}

/** Axis `i` of the result is axis `permutation[i]` of the operand. */
export function transpose<D extends DType>(x: Tensor<D>, permutation: readonly number[]): Tensor<D> {
  return typed(makeNode('transpose', [x], { permutation }));
}

export function broadcast<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  return sameShape(x.shape, shape) ? x : typed(makeNode('broadcast', [x], { shape }));
}

/** Elements `start…end` (end excluded) of one axis. */
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

/** A start and an end (excluded) for every axis. */
export function sliceAll<D extends DType>(x: Tensor<D>, starts: readonly number[], ends: readonly number[]): Tensor<D> {
  return typed(makeNode('slice', [x], { starts, ends }));
}

/** Zeros before and after every axis. */
export function pad<D extends DType>(x: Tensor<D>, before: readonly number[], after: readonly number[]): Tensor<D> {
  return typed(makeNode('pad', [x], { before, after }));
}

export function concat<D extends DType>(parts: readonly Tensor<D>[], axis: number): Tensor<D> {
  const [first] = parts;
  return typed(makeNode('concat', parts, { axis: first === undefined ? axis : axisOf(first, axis) }));
}

/** `size` elements of one axis from a start known at run time (int32 scalar; a start past the end is clamped). */
export function dynamicSlice<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start: Tensor<'int32'>,
  size: number,
): Tensor<D> {
  return typed(makeNode('dynamicSlice', [x, start], { axis: axisOf(x, axis), size }));
}

/** A copy of `x` with `update` written along one axis from a start known at run time (clamped so that it fits). */
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

/** Rows of a table: `[n, …rest]` at int32 `[…index]` gives `[…index, …rest]`. */
export function gather<D extends DType>(table: Tensor<D>, indices: Tensor<'int32'>): Tensor<D> {
  return typed(makeNode('gather', [table, indices], {}));
}

/** Sum of the update rows that share an index: `[…index]`, `[…index, …rest]` give `[size, …rest]`. */
export function scatterAdd<D extends NumericDType>(
  indices: Tensor<'int32'>,
  updates: Tensor<D>,
  size: number,
): Tensor<D> {
  return typed(makeNode('scatterAdd', [indices, updates], { size }));
}

/** `x[…, indices[…, j, …], …]`: picks along one axis, all other axes in step. */
export function takeAlongAxis<D extends DType>(x: Tensor<D>, indices: Tensor<'int32'>, axis: number): Tensor<D> {
  return typed(makeNode('takeAlongAxis', [x, indices], { axis: axisOf(x, axis) }));
}

/** The transpose of `takeAlongAxis`: sums updates into zeros whose `axis` has the given size. */
export function scatterAddAlongAxis<D extends NumericDType>(
  indices: Tensor<'int32'>,
  updates: Tensor<D>,
  axis: number,
  size: number,
): Tensor<D> {
  return typed(makeNode('scatterAddAlongAxis', [indices, updates], { axis: axisOf(updates, axis), size }));
}

// --- Composites

/** Applies a named composite; its body is kept so that a backend without a kernel for it can inline it. */
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
