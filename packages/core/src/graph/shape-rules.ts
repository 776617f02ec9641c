// What each op accepts and what type it gives: the legality of a graph as a total table. `build.ts` asks it for every
// node it makes and `verify.ts` asks it again for every node of a finished graph.
import {
  describeType,
  elementCount,
  isFloat,
  sameShape,
  type DType,
  type Node,
  type OpAttributes,
  type OpName,
  type Shape,
  type Tensor,
} from './tensor.js';
import { at } from '../look-up.js';

/** Shape and element type of a value. */
export interface TensorType {
  /** Sizes of the axes, outermost first. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
}

/** An op applied to something it does not accept. */
export class GraphError extends Error {
  /** Tells it from other errors where classes are not at hand. */
  override readonly name = 'GraphError';
}

type Inputs = readonly Tensor[];
type ShapeRule<Op extends OpName> = (inputs: Inputs, attributes: OpAttributes[Op], given: TensorType) => TensorType;

/** The type an op gives, or a `GraphError` that names op, operands and the violated condition. `given` is for leaves. */
export function inferType<Op extends OpName>(
  op: Op,
  inputs: Inputs,
  attributes: OpAttributes[Op],
  given: TensorType,
): TensorType {
  const arity = arities[op];
  try {
    require(arity === undefined || inputs.length === arity, `needs ${arity} operands, found ${inputs.length}`);
    const rule: ShapeRule<Op> = shapeRules[op];
    return rule(inputs, attributes, given);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    throw new GraphError(`${op}(${inputs.map(describeType).join(', ')}): ${cause.message}`);
  }
}

/** NumPy broadcasting of several shapes; throws `GraphError` naming the first axis that disagrees. */
export function broadcastShapes(shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const missing = rank - shape.length;
      const own = axis < missing ? 1 : at(shape, axis - missing);
      if (own === 1 || own === size) continue;
      require(size === 1, `axis ${axis} of the broadcast shapes disagrees: ${size} and ${own}`);
      size = own;
    }
    return size;
  });
}

function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new GraphError(message);
}

function checkAxis(axis: number, shape: Shape): void {
  require(Number.isInteger(axis) && axis >= 0 && axis < shape.length, `axis ${axis} is outside rank ${shape.length}`);
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0;
}

function replaceAxis(shape: Shape, axis: number, size: number): Shape {
  checkAxis(axis, shape);
  require(isSize(size), `size ${size} is not valid`);
  return shape.map((old, index) => (index === axis ? size : old));
}

function checkIndices(tensor: Tensor): void {
  require(tensor.dtype === 'int32', `indices must be int32, found ${tensor.dtype}`);
}

const leaf: ShapeRule<OpName> = (_inputs, _attributes, given) => {
  require(given.shape.every(isSize), `shape [${given.shape.join(', ')}] is not valid`);
  return given;
};

/** Whether a constant of a dtype may hold a value; fractions would otherwise slip into integer graphs unseen. */
function holds(dtype: DType, value: number): boolean {
  if (dtype === 'bool') return value === 0 || value === 1;
  return isFloat(dtype) || (value | 0) === value;
}

const unaryFloat: ShapeRule<OpName> = (inputs) => {
  const { shape, dtype } = at(inputs, 0);
  require(isFloat(dtype), `needs a float operand, found ${dtype}; cast it first`);
  return { shape, dtype };
};

const unaryNumeric: ShapeRule<OpName> = (inputs) => {
  const { shape, dtype } = at(inputs, 0);
  require(dtype !== 'bool', 'needs a numeric operand, found bool; cast it first');
  return { shape, dtype };
};

function elementwise(accepts: (dtype: DType) => boolean, wanted: string, result?: DType): ShapeRule<OpName> {
  return (inputs) => {
    const { dtype } = at(inputs, 0);
    require(accepts(dtype), `needs ${wanted} operands, found ${dtype}; cast them first`);
    for (const input of inputs) require(input.dtype === dtype, `operands differ in dtype; cast one of them`);
    return { shape: broadcastShapes(inputs.map((input) => input.shape)), dtype: result ?? dtype };
  };
}

const isNumeric = (dtype: DType): boolean => dtype !== 'bool';
const numericBinary = elementwise(isNumeric, 'numeric');
const floatBinary = elementwise(isFloat, 'float');
const comparison = elementwise(isNumeric, 'numeric', 'bool');
const logical = elementwise((dtype) => dtype === 'bool', 'bool');

const reduction: ShapeRule<'sum' | 'max'> = (inputs, { axes }) => {
  const { shape, dtype } = at(inputs, 0);
  require(dtype !== 'bool', 'needs a numeric operand, found bool; cast it first');
  for (const axis of axes) checkAxis(axis, shape);
  require(new Set(axes).size === axes.length, `axes [${axes.join(', ')}] name an axis twice`);
  return { shape: shape.map((size, axis) => (axes.includes(axis) ? 1 : size)), dtype };
};

const floatAlongAxis: ShapeRule<'softmax' | 'logSoftmax'> = (inputs, { axis }, given) => {
  checkAxis(axis, at(inputs, 0).shape);
  return unaryFloat(inputs, {}, given);
};

const shapeRules: { readonly [Op in OpName]: ShapeRule<Op> } = {
  input: leaf,
  state: leaf,
  constant: (_inputs, { values }, given) => {
    const count = elementCount(given.shape);
    require(values.length === count || values.length === 1, `holds ${values.length} values for ${count} elements`);
    const wrong = values.find((value) => !holds(given.dtype, value));
    require(wrong === undefined, `${wrong} is no ${given.dtype}`);
    return leaf([], {}, given);
  },
  iota: (_inputs, { axis }, given) => {
    checkAxis(axis, given.shape);
    return leaf([], {}, given);
  },
  negate: unaryNumeric,
  exp: unaryFloat,
  log: unaryFloat,
  sqrt: unaryFloat,
  rsqrt: unaryFloat,
  sigmoid: unaryFloat,
  tanh: unaryFloat,
  sin: unaryFloat,
  cos: unaryFloat,
  abs: unaryNumeric,
  sign: unaryFloat,
  relu: unaryFloat,
  not: logical,
  cast: (inputs, { to }) => ({ shape: at(inputs, 0).shape, dtype: to }),
  stopGradient: (inputs) => ({ shape: at(inputs, 0).shape, dtype: at(inputs, 0).dtype }),
  barrier: (inputs) => ({ shape: at(inputs, 0).shape, dtype: at(inputs, 0).dtype }),
  add: numericBinary,
  subtract: numericBinary,
  multiply: numericBinary,
  divide: floatBinary,
  power: floatBinary,
  maximum: numericBinary,
  minimum: numericBinary,
  equal: comparison,
  less: comparison,
  lessEqual: comparison,
  and: logical,
  or: logical,
  where: (inputs) => {
    const [condition, a, b] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    require(condition.dtype === 'bool', `condition must be bool, found ${condition.dtype}`);
    require(a.dtype === b.dtype, `branches differ in dtype: ${a.dtype} and ${b.dtype}`);
    return { shape: broadcastShapes([condition.shape, a.shape, b.shape]), dtype: a.dtype };
  },
  sum: reduction,
  max: (inputs, attributes, given) => {
    const type = reduction(inputs, attributes, given);
    for (const axis of attributes.axes) require(at(inputs, 0).shape[axis] !== 0, `axis ${axis} is empty: no maximum`);
    return type;
  },
  argMax: (inputs, { axis }) => {
    const shape = replaceAxis(at(inputs, 0).shape, axis, 1);
    require(isNumeric(at(inputs, 0).dtype), 'needs a numeric operand, found bool; cast it first');
    require(at(inputs, 0).shape[axis] !== 0, `axis ${axis} is empty: no maximum`);
    return { shape, dtype: 'int32' };
  },
  topK: (inputs, { k }) => {
    const { shape, dtype } = at(inputs, 0);
    require(isNumeric(dtype), 'needs a numeric operand, found bool; cast it first');
    require(shape.length > 0, 'needs an axis');
    const size = at(shape, -1);
    require(Number.isInteger(k) && k >= 1 && k <= size, `k = ${k} is not within 1…${size}`);
    return { shape: replaceAxis(shape, shape.length - 1, k), dtype: 'int32' };
  },
  softmax: floatAlongAxis,
  logSoftmax: floatAlongAxis,
  cumulativeSum: (inputs, { axis }, given) => {
    checkAxis(axis, at(inputs, 0).shape);
    return unaryNumeric(inputs, {}, given);
  },
  matmul: (inputs, { transposeA, transposeB }) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    require(isFloat(a.dtype) && a.dtype === b.dtype, 'needs two float operands of one dtype');
    require(a.shape.length >= 2 && b.shape.length >= 2, 'needs operands of rank 2 or more');
    const [rows, inner] = lastTwo(a.shape, transposeA);
    const [innerB, columns] = lastTwo(b.shape, transposeB);
    require(inner === innerB, `inner sizes differ: ${inner} and ${innerB}`);
    const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
    return { shape: [...batch, rows, columns], dtype: a.dtype };
  },
  reshape: (inputs, { shape }) => {
    const { shape: from, dtype } = at(inputs, 0);
    require(!shape.includes(-1), `no one size can stand for −1 in [${shape.join(', ')}]`);
    require(shape.every(isSize), `shape [${shape.join(', ')}] is not valid`);
    const [count, given] = [elementCount(shape), elementCount(from)];
    require(count === given, `[${shape.join(', ')}] has ${count} elements, the operand ${given}`);
    return { shape, dtype };
  },
  transpose: (inputs, { permutation }) => {
    const { shape, dtype } = at(inputs, 0);
    const sorted = [...permutation].sort((a, b) => a - b);
    const valid = permutation.length === shape.length && sorted.every((axis, index) => axis === index);
    require(valid, `[${permutation.join(', ')}] is not a permutation of the ${shape.length} axes`);
    return { shape: permutation.map((axis) => at(shape, axis)), dtype };
  },
  broadcast: (inputs, { shape }) => {
    const { shape: from, dtype } = at(inputs, 0);
    require(sameShape(broadcastShapes([from, shape]), shape), `does not broadcast to [${shape.join(', ')}]`);
    return { shape, dtype };
  },
  slice: (inputs, { starts, ends }) => {
    const { shape, dtype } = at(inputs, 0);
    require(starts.length === shape.length && ends.length === shape.length, 'needs a start and an end for every axis');
    const sizes = shape.map((size, axis) => {
      const [start, end] = [at(starts, axis), at(ends, axis)];
      require(isSize(start) &&
        isSize(end) &&
        start <= end &&
        end <= size, `${start}…${end} is outside axis ${axis} of size ${size}`);
      return end - start;
    });
    return { shape: sizes, dtype };
  },
  pad: (inputs, { before, after }) => {
    const { shape, dtype } = at(inputs, 0);
    require(before.length === shape.length && after.length === shape.length, 'needs two sizes for every axis');
    require([...before, ...after].every(isSize), 'sizes must be whole and not negative');
    return { shape: shape.map((size, axis) => at(before, axis) + size + at(after, axis)), dtype };
  },
  concat: (inputs, { axis }) => {
    require(inputs.length > 0, 'operand 0 is missing');
    const first = at(inputs, 0);
    checkAxis(axis, first.shape);
    for (const input of inputs) {
      const alike = sameShape(replaceAxis(input.shape, axis, 0), replaceAxis(first.shape, axis, 0));
      require(alike && input.dtype === first.dtype, `operands differ outside axis ${axis}`);
    }
    const size = inputs.reduce((total, input) => total + at(input.shape, axis), 0);
    return { shape: replaceAxis(first.shape, axis, size), dtype: first.dtype };
  },
  dynamicSlice: (inputs, { axis, size }) => {
    const { shape, dtype } = at(inputs, 0);
    checkIndices(at(inputs, 1));
    require(at(inputs, 1).shape.length === 0, 'start must be a scalar');
    checkAxis(axis, shape);
    const whole = at(shape, axis);
    require(size <= whole, `size ${size} exceeds axis ${axis} of size ${whole}`);
    return { shape: replaceAxis(shape, axis, size), dtype };
  },
  dynamicUpdateSlice: (inputs, { axis }) => {
    const [operand, update, start] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    checkIndices(start);
    require(start.shape.length === 0, 'start must be a scalar');
    const alike = sameShape(replaceAxis(operand.shape, axis, 0), replaceAxis(update.shape, axis, 0));
    require(alike && operand.dtype === update.dtype, `update differs from the operand outside axis ${axis}`);
    require(at(update.shape, axis) <= at(operand.shape, axis), `update is longer than axis ${axis}`);
    return { shape: operand.shape, dtype: operand.dtype };
  },
  gather: (inputs) => {
    const [table, indices] = [at(inputs, 0), at(inputs, 1)];
    checkIndices(indices);
    checkAxis(0, table.shape);
    return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
  },
  scatterAdd: (inputs, { size }) => {
    const [indices, updates] = [at(inputs, 0), at(inputs, 1)];
    checkIndices(indices);
    require(isNumeric(updates.dtype), 'updates must be numeric');
    const leading = updates.shape.slice(0, indices.shape.length);
    require(sameShape(leading, indices.shape), 'leading axes of the updates must equal the shape of the indices');
    require(isSize(size), `size ${size} is not valid`);
    return { shape: [size, ...updates.shape.slice(indices.shape.length)], dtype: updates.dtype };
  },
  takeAlongAxis: (inputs, { axis }) => {
    const [operand, indices] = [at(inputs, 0), at(inputs, 1)];
    checkIndices(indices);
    const alike = sameShape(replaceAxis(operand.shape, axis, 0), replaceAxis(indices.shape, axis, 0));
    require(alike, `indices differ from the operand outside axis ${axis}`);
    return { shape: indices.shape, dtype: operand.dtype };
  },
  scatterAddAlongAxis: (inputs, { axis, size }) => {
    const [indices, updates] = [at(inputs, 0), at(inputs, 1)];
    checkIndices(indices);
    require(isNumeric(updates.dtype), 'updates must be numeric');
    require(sameShape(indices.shape, updates.shape), 'indices and updates differ in shape');
    return { shape: replaceAxis(updates.shape, axis, size), dtype: updates.dtype };
  },
  composite: (_inputs, { body }) => ({ shape: body.shape, dtype: body.dtype }),
};

const arities: { readonly [Op in OpName]: number | undefined } = {
  input: 0, state: 0, constant: 0, iota: 0,
  negate: 1, exp: 1, log: 1, sqrt: 1, rsqrt: 1, sigmoid: 1, tanh: 1, sin: 1, cos: 1, abs: 1, sign: 1, relu: 1,
  not: 1, cast: 1, stopGradient: 1, barrier: undefined,
  add: 2, subtract: 2, multiply: 2, divide: 2, power: 2, maximum: 2, minimum: 2,
  equal: 2, less: 2, lessEqual: 2, and: 2, or: 2, where: 3,
  sum: 1, max: 1, argMax: 1, topK: 1, softmax: 1, logSoftmax: 1, cumulativeSum: 1, matmul: 2,
  reshape: 1, transpose: 1, broadcast: 1, slice: 1, pad: 1, concat: undefined, dynamicSlice: 2, dynamicUpdateSlice: 3,
  gather: 2, scatterAdd: 2, takeAlongAxis: 2, scatterAddAlongAxis: 2, composite: undefined,
}; // prettier-ignore

function lastTwo(shape: Shape, transposed: boolean): readonly [number, number] {
  const [a, b] = [at(shape, -2), at(shape, -1)];
  return transposed ? [b, a] : [a, b];
}

/** The type a finished node should have, by the same rules it was made with. */
export function expectedType(node: Node): TensorType {
  return inferType(node.op, node.inputs, node.attributes, node);
}
