// What a tensor graph is made of: immutable nodes that point at their inputs. What an op means is in `evaluate.ts`,
// what is legal in `shape-rules.ts`; how nodes are made in `build.ts`.

/** Element types a graph computes with. Storage types such as bfloat16 belong to `formats/`. */
export type DType = 'float32' | 'float16' | 'int32' | 'bool';
/** Element types with fractions: what carries gradients. */
export type FloatDType = 'float32' | 'float16';
/** Element types to calculate with: all but `bool`. */
export type NumericDType = FloatDType | 'int32';

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

interface None {
  readonly [key: string]: never;
}

/** A named function over tensors that a backend may run as one kernel, or inline by its body. */
export interface CompositeDefinition<Options = unknown> {
  /** For people and printed graphs; two definitions may share it. */
  readonly name: string;
  /** The meaning of the composite, in other ops; may read nothing but `inputs`. */
  body(inputs: readonly Tensor[], options: Options): Tensor;
  /**
   * Cotangents of the inputs in their order, `undefined` where nothing flows: where a hand-made expression is better than
   * differentiating the body.
   */
  gradient?(call: CompositeCall<Options>): readonly (Tensor | undefined)[];
  /**
   * Kernels of single backends, by a backend's name: what it runs in place of the body, and must equal the body; the others
   * inline it. What a kernel is, its backend says: `ort` takes a `CompositeLowering`.
   */
  readonly kernels?: Readonly<Record<string, unknown>>;
}

/** What a composite's own gradient rule sees. */
export interface CompositeCall<Options> {
  /** What the composite is applied to. */
  readonly inputs: readonly Tensor[];
  /** The composite's own node, so that a rule may use its value. */
  readonly output: Tensor;
  /** ∂loss/∂output, of the output's shape and dtype. */
  readonly cotangent: Tensor;
  /** As given to `applyComposite`. */
  readonly options: Options;
}

/**
 * Every op and its attributes: adding a line here makes the compiler list what the op still owes. Axes are 0-based; what the op
 * means and which operands it takes is said for each. The reference evaluator (`evaluateGraph`) is the definition.
 */
export interface OpAttributes {
  // Leaves
  /** A value fed anew at every run. */
  input: {
    /** Name under which it is fed. */
    readonly name: string;
  };
  /** The value that a state has before the run. */
  state: {
    /** Name under which the device keeps it. */
    readonly name: string;
  };
  /** Fixed values. */
  constant: {
    /** Row-major, or a single one for all elements; booleans are 0 and 1. */
    readonly values: readonly number[];
  };
  /** 0, 1, 2, … along an axis. */
  iota: {
    /** The axis that counts. */
    readonly axis: number;
  };
  // Elementwise, one operand
  /** −x; int32 or float. */
  negate: None;
  /** eˣ; float. */
  exp: None;
  /** ln x; float. */
  log: None;
  /** √x; float. */
  sqrt: None;
  /** 1 / √x; float. */
  rsqrt: None;
  /** 1 / (1 + e⁻ˣ); float. */
  sigmoid: None;
  /** Hyperbolic tangent; float. */
  tanh: None;
  /** Sine of radians; float. */
  sin: None;
  /** Cosine of radians; float. */
  cos: None;
  /** |x|; int32 or float. */
  abs: None;
  /** −1, 0 or 1; float. */
  sign: None;
  /** max(x, 0), NaN for NaN; float. */
  relu: None;
  /** Logical negation; bool. */
  not: None;
  /** Another element type: to int32 truncates towards zero, to bool is x ≠ 0. */
  cast: {
    /** The element type of the result. */
    readonly to: DType;
  };
  /** The same value, through which no gradient flows. */
  stopGradient: None;
  /**
   * Operands x and any number of others: x as a value of its own. It is not merged with x, nor what is made of it with what is
   * made of x, and it is computed after the others, which orders work for the sake of memory.
   */
  barrier: None;
  // Elementwise, several operands; shapes broadcast as in NumPy
  /** a + b; int32 (wraps around) or float. */
  add: None;
  /** a − b; int32 (wraps around) or float. */
  subtract: None;
  /** a · b; int32 (wraps around) or float. */
  multiply: None;
  /** a / b; float. */
  divide: None;
  /** aᵇ; float. */
  power: None;
  /** The larger of both; int32 or float. */
  maximum: None;
  /** The smaller of both; int32 or float. */
  minimum: None;
  /** a = b of int32 or floats, as bool. */
  equal: None;
  /** a < b of int32 or floats, as bool. */
  less: None;
  /** a ≤ b of int32 or floats, as bool. */
  lessEqual: None;
  /** Both hold; bool. */
  and: None;
  /** At least one holds; bool. */
  or: None;
  /** Operands condition (bool), a, b: a where the condition holds, else b. */
  where: None;
  // Reductions; reduced axes are kept with size 1
  /** Sum; int32 or float. */
  sum: {
    /** The axes summed over, each once. */
    readonly axes: readonly number[];
  };
  /** Largest value; int32 or float. No axis may be empty. */
  max: {
    /** The axes looked over, each once. */
    readonly axes: readonly number[];
  };
  /** int32 index of the first of the largest values. */
  argMax: {
    /** The axis looked along. */
    readonly axis: number;
  };
  /** int32 indices `[…, k]` of the largest values along the last axis, in descending order of value, the first of equals first. */
  topK: {
    /** How many, from 1 to the size of the axis. */
    readonly k: number;
  };
  /** eˣ / Σ eˣ along an axis, safe for large x; float. */
  softmax: {
    /** The axis summed over. */
    readonly axis: number;
  };
  /** x − ln Σ eˣ along an axis, safe for large x; float. */
  logSoftmax: {
    /** The axis summed over. */
    readonly axis: number;
  };
  /** Sum of all elements up to and with each one; int32 or float. */
  cumulativeSum: {
    /** The axis summed along. */
    readonly axis: number;
    /** Whether the sum begins at the end of the axis. */
    readonly reverse: boolean;
  };
  // Products
  /** Matrix products `[…, m, k]` · `[…, k, n]` = `[…, m, n]`; leading axes broadcast; float. */
  matmul: {
    /** Whether the first operand is given as `[…, k, m]`. */
    readonly transposeA: boolean;
    /** Whether the second operand is given as `[…, n, k]`. */
    readonly transposeB: boolean;
  };
  // Movement
  /** The same elements in row-major order under another shape. */
  reshape: {
    /** The shape of the result. */
    readonly shape: Shape;
  };
  /** The axes in another order. */
  transpose: {
    /** Axis i of the result is axis `permutation[i]` of the operand. */
    readonly permutation: readonly number[];
  };
  /** Repetition along new leading axes and axes of size 1, as in NumPy. */
  broadcast: {
    /** The shape of the result. */
    readonly shape: Shape;
  };
  /** A block of the operand. */
  slice: {
    /** First index on each axis. */
    readonly starts: readonly number[];
    /** One past the last index on each axis. */
    readonly ends: readonly number[];
  };
  /** Zeros (or false) around the operand. */
  pad: {
    /** How many come before the elements of each axis. */
    readonly before: readonly number[];
    /** How many come after the elements of each axis. */
    readonly after: readonly number[];
  };
  /** Operands one after the other. */
  concat: {
    /** The axis along which they follow each other. */
    readonly axis: number;
  };
  /** Operands x, start (int32 scalar): a stretch of x; a start past the last possible one is clamped. */
  dynamicSlice: {
    /** The axis that is cut; the others stay whole. */
    readonly axis: number;
    /** Length of the stretch. */
    readonly size: number;
  };
  /** Operands x, update, start (int32 scalar): x with the update written over a stretch of it; start is clamped so that it fits. */
  dynamicUpdateSlice: {
    /** The axis on which the update is shorter. */
    readonly axis: number;
  };
  // Look-ups
  /** Operands table `[n, …rest]`, indices int32 `[…index]`: rows `[…index, …rest]`. */
  gather: None;
  /** Operands indices int32 `[…index]`, updates `[…index, …rest]`: sums of the updates of each index, `[size, …rest]`. */
  scatterAdd: {
    /** Rows of the result. */
    readonly size: number;
  };
  /** Operands x, indices (int32): `x[…, indices[…, j, …], …]`, all other axes in step. */
  takeAlongAxis: {
    /** The axis that the indices are of. */
    readonly axis: number;
  };
  /** Operands indices (int32), updates of the same shape: zeros to which each update is added at its index along an axis. */
  scatterAddAlongAxis: {
    /** The axis that the indices are of. */
    readonly axis: number;
    /** Size of that axis in the result. */
    readonly size: number;
  };
  // A named function over its inputs
  /** The function that a definition gives a name to, applied to any number of operands. */
  composite: {
    /** What a kernel goes by, and how to differentiate. */
    readonly definition: CompositeDefinition;
    /** What the definition was called with; the definition knows their type. */
    readonly options: unknown;
    /** The meaning of this call, in other ops. */
    readonly body: Tensor;
  };
}

/** Name of an op. */
export type OpName = keyof OpAttributes;

/** One node: an op applied to inputs. Never changed after it is made. */
export interface Node<Op extends OpName = OpName, D extends DType = DType> {
  /** What is applied. */
  readonly op: Op;
  /** The operands, in the op's order. */
  readonly inputs: readonly Tensor[];
  /** Settings of the op. */
  readonly attributes: OpAttributes[Op];
  /** Sizes of the result. */
  readonly shape: Shape;
  /** Element type of the result. */
  readonly dtype: D;
}

/** A value in a graph: the output of a node. */
export type Tensor<D extends DType = DType> = Node<OpName, D>;

/** True when the node applies `op`; narrows its attributes. */
export function isOp<Op extends OpName>(node: Tensor, op: Op): node is Node<Op> {
  return node.op === op;
}

/** Number of elements: 1 for a scalar, 0 when a size is 0. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** True for float32 and float16. */
export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float16';
}

/** True when the elements are float32 or float16; narrows the dtype. */
export function isFloatTensor(tensor: Tensor): tensor is Tensor<FloatDType> {
  return isFloat(tensor.dtype);
}

/** True when both have the same rank and the same sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Type as text, e.g. `float32[2, 3]`. */
export function describeType(tensor: { readonly shape: Shape; readonly dtype: DType }): string {
  return `${tensor.dtype}[${tensor.shape.join(', ')}]`;
}
