// What a tensor graph is made of: immutable nodes that point at their inputs. What an op means is in `evaluate.ts`,
// what is legal in `shape-rules.ts`; how nodes are made in `build.ts`.

/** Element types a graph computes with. Storage types such as bfloat16 belong to `formats/`. */
export type DType = 'float32' | 'float16' | 'int32' | 'bool';
export type FloatDType = 'float32' | 'float16';
export type NumericDType = FloatDType | 'int32';

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

interface None {
  readonly [key: string]: never;
}

/** A named function over tensors that a backend may run as one kernel, or inline by its body. */
export interface CompositeDefinition<Options = unknown> {
  readonly name: string;
  /** The meaning of the composite, in other ops. */
  body(inputs: readonly Tensor[], options: Options): Tensor;
  /** Cotangents of the inputs, where a hand-made expression is better than differentiating the body. */
  gradient?(call: CompositeCall<Options>): readonly (Tensor | undefined)[];
}

/** What a composite's own gradient rule sees. */
export interface CompositeCall<Options> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly cotangent: Tensor;
  readonly options: Options;
}

/** Every op and its attributes: adding a line here makes the compiler list what the op still owes. */
export interface OpAttributes {
  // Leaves
  input: { readonly name: string };
  state: { readonly name: string };
  constant: { readonly values: readonly number[] };
  iota: { readonly axis: number };
  // Elementwise, one operand
  negate: None;
  exp: None;
  log: None;
  sqrt: None;
  rsqrt: None;
  sigmoid: None;
  tanh: None;
  sin: None;
  cos: None;
  abs: None;
  sign: None;
  relu: None;
  not: None;
  cast: { readonly to: DType };
  stopGradient: None;
  // Elementwise, several operands; shapes broadcast as in NumPy
  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  power: None;
  maximum: None;
  minimum: None;
  equal: None;
  less: None;
  lessEqual: None;
  and: None;
  or: None;
  where: None;
  // Reductions; reduced axes are kept with size 1
  sum: { readonly axes: readonly number[] };
  max: { readonly axes: readonly number[] };
  argMax: { readonly axis: number };
  topK: { readonly k: number };
  softmax: { readonly axis: number };
  logSoftmax: { readonly axis: number };
  cumulativeSum: { readonly axis: number; readonly reverse: boolean };
  // Products
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  // Movement
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcast: { readonly shape: Shape };
  slice: { readonly starts: readonly number[]; readonly ends: readonly number[] };
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  concat: { readonly axis: number };
  dynamicSlice: { readonly axis: number; readonly size: number };
  dynamicUpdateSlice: { readonly axis: number };
  // Look-ups
  gather: None;
  scatterAdd: { readonly size: number };
  takeAlongAxis: { readonly axis: number };
  scatterAddAlongAxis: { readonly axis: number; readonly size: number };
  // A named function over its inputs
  composite: { readonly definition: CompositeDefinition; readonly options: unknown; readonly body: Tensor };
}

export type OpName = keyof OpAttributes;

/** One node: an op applied to inputs. Never changed after it is made. */
export interface Node<Op extends OpName = OpName, D extends DType = DType> {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[Op];
  readonly shape: Shape;
  readonly dtype: D;
}

/** A value in a graph: the output of a node. */
export type Tensor<D extends DType = DType> = Node<OpName, D>;

/** True when the node applies `op`; narrows its attributes. */
export function isOp<Op extends OpName>(node: Tensor, op: Op): node is Node<Op> {
  return node.op === op;
}

/** Number of elements. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float16';
}

export function isFloatTensor(tensor: Tensor): tensor is Tensor<FloatDType> {
  return isFloat(tensor.dtype);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `float32[2, 3]`. */
export function describeType(tensor: { readonly shape: Shape; readonly dtype: DType }): string {
  return `${tensor.dtype}[${tensor.shape.join(', ')}]`;
}
