// The reference evaluator: what every op means, in plain float64 loops. Slow on purpose of being obvious; every backend
// and every gradient is checked against it. Booleans are 0 and 1; int32 values are exact and wrap around.
import { elementCount, isOp, type Node, type OpName, type Shape, type Tensor } from './tensor.js';
import { GraphError } from './shape-rules.js';
import { aroundAxis, broadcastStrides, offsets, rowMajorStrides } from './strides.js';
import { topological } from './walk.js';
import { at, present } from '../look-up.js';

export type Values = Float64Array;
type Rule<Op extends OpName> = (node: Node<Op>, inputs: readonly Values[]) => Values;

/** Values of leaves by name. */
export interface LeafValues {
  /** Of inputs, row-major; booleans are 0 and 1. */
  readonly inputs?: Readonly<Record<string, ArrayLike<number>>>;
  /** Of states, row-major. */
  readonly states?: Readonly<Record<string, ArrayLike<number>>>;
}

/** Evaluates named results in float64, row-major; int32 wraps around, booleans are 0 and 1. Throws `GraphError` for a leaf without a value or with a wrong number of them, and for an index outside its axis. */
export function evaluate<Name extends string>(
  results: Readonly<Record<Name, Tensor>>,
  leaves: LeafValues = {},
): Record<Name, Float64Array> {
  const values = new Map<Tensor, Values>();
  const roots = Object.values<Tensor>(results);
  for (const node of topological(roots, { bodies: true })) values.set(node, evaluateOne(node, values, leaves));
  const named = Object.entries<Tensor>(results).map(([name, node]) => [name, valueOf(node, values)]);
  return Object.fromEntries(named) as Record<Name, Values>;
}

function evaluateOne(node: Tensor, values: ReadonlyMap<Tensor, Values>, leaves: LeafValues): Values {
  if (isOp(node, 'input')) return leafValue(node, node.attributes.name, leaves.inputs);
  if (isOp(node, 'state')) return leafValue(node, node.attributes.name, leaves.states);
  if (isOp(node, 'composite')) return valueOf(node.attributes.body, values);
  return evaluateNode(
    node,
    node.inputs.map((input) => valueOf(input, values)),
  );
}

function valueOf(node: Tensor, values: ReadonlyMap<Tensor, Values>): Values {
  return present(values.get(node), `the value of a ${node.op}`);
}

function leafValue(node: Tensor, name: string, given: Readonly<Record<string, ArrayLike<number>>> = {}): Values {
  const values = given[name];
  if (values === undefined) throw new GraphError(`${node.op} "${name}" has no value`);
  const count = elementCount(node.shape);
  if (values.length !== count) throw new GraphError(`${node.op} "${name}" has ${values.length} values, needs ${count}`);
  return Float64Array.from(values);
}

/** Evaluates one node that is not a leaf fed from outside, from the values of its inputs. */
export function evaluateNode<Op extends OpName>(node: Node<Op>, inputs: readonly Values[]): Values {
  const rule: Rule<Op> = rules[node.op];
  const result = rule(node, inputs);
  return node.dtype === 'int32' ? Float64Array.from(Int32Array.from(result)) : result;
}

function shapeOf(node: Node, index: number): Shape {
  return at(node.inputs, index).shape;
}

/** The elements at offsets, in their order. */
function pick(x: Values, places: Int32Array): Values {
  return Float64Array.from(places, (offset) => at(x, offset));
}

/** Writes values in their order to offsets. */
function place(result: Values, places: Int32Array, x: Values): void {
  places.forEach((offset, i) => (result[offset] = at(x, i)));
}

/** The offset that a position gives: its distance along every axis. */
function offsetOf(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((total, own, axis) => total + own * at(strides, axis), 0);
}

function fromOutside(node: Node): never {
  throw new GraphError(`${node.op} has no value of its own`);
}

const map =
  (f: (x: number) => number): Rule<OpName> =>
  (_node, inputs) =>
    at(inputs, 0).map(f);

const zip =
  (f: (a: number, b: number) => number): Rule<OpName> =>
  (node, inputs) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const indexA = offsets(node.shape, broadcastStrides(shapeOf(node, 0), node.shape));
    const indexB = offsets(node.shape, broadcastStrides(shapeOf(node, 1), node.shape));
    return Float64Array.from(indexA, (offset, i) => f(at(a, offset), at(b, at(indexB, i))));
  };

const multiplyFloats = zip((a, b) => a * b);
const multiplyIntegers = zip(Math.imul); // exact where the float64 product is not

const truth = (condition: boolean): number => (condition ? 1 : 0);

/** Folds the axes of size 1 in the result over the operand. */
function reduce(node: Node, x: Values, start: number, f: (total: number, x: number) => number): Values {
  const result = new Float64Array(elementCount(node.shape)).fill(start);
  const target = offsets(shapeOf(node, 0), broadcastStrides(node.shape, shapeOf(node, 0)));
  x.forEach((own, i) => {
    const to = at(target, i);
    result[to] = f(at(result, to), own);
  });
  return result;
}

/** Applies `f` to every line along an axis; `f` gets the line and returns a line of the result's length. */
function alongAxis(node: Node, axis: number, x: Values, f: (line: Values) => ArrayLike<number>): Values {
  const { outer, size, inner } = aroundAxis(shapeOf(node, 0), axis);
  const resultSize = at(node.shape, axis);
  const result = new Float64Array(outer * resultSize * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const line = Float64Array.from({ length: size }, (_, s) => at(x, (o * size + s) * inner + i));
      const out = f(line);
      for (let s = 0; s < resultSize; s++) result[(o * resultSize + s) * inner + i] = at(out, s);
    }
  }
  return result;
}

/** The line below its maximum, which loses nothing for large values, and the sum of its exponentials. */
function belowTop(line: Values): { readonly lowered: Values; readonly total: number } {
  const top = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const lowered = line.map((x) => x - top);
  return { lowered, total: lowered.reduce((total, x) => total + Math.exp(x), 0) };
}

function descending(line: Values): number[] {
  return Array.from(line.keys()).sort((a, b) => at(line, b) - at(line, a) || a - b);
}

function checkedIndex(index: number, size: number, node: Node): number {
  if (index >= 0 && index < size) return index;
  throw new GraphError(`${node.op}: index ${index} is outside 0…${size - 1}`);
}

function matmul(node: Node<'matmul'>, a: Values, b: Values): Values {
  const { transposeA, transposeB } = node.attributes;
  const [rows, columns] = [at(node.shape, -2), at(node.shape, -1)];
  const [shapeA, shapeB] = [shapeOf(node, 0), shapeOf(node, 1)];
  const inner = at(shapeA, transposeA ? -2 : -1);
  const batch = node.shape.slice(0, -2);
  const batchOffsets = (shape: Shape): Int32Array => offsets(batch, broadcastStrides(shape.slice(0, -2), batch));
  const [batchA, batchB] = [batchOffsets(shapeA), batchOffsets(shapeB)];
  const [rowA, innerA] = transposeA ? [1, rows] : [inner, 1];
  const [innerB, columnB] = transposeB ? [1, inner] : [columns, 1];
  const result = new Float64Array(elementCount(node.shape));
  for (let n = 0; n < batchA.length; n++) {
    const [baseA, baseB] = [at(batchA, n) * rows * inner, at(batchB, n) * inner * columns];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let total = 0;
        for (let k = 0; k < inner; k++) {
          total += a[baseA + r * rowA + k * innerA]! * b[baseB + k * innerB + c * columnB]!;
        }
        result[(n * rows + r) * columns + c] = total;
      }
    }
  }
  return result;
}

/** Where the slice along `axis` from a run-time start (clamped) lies in the operand. */
function dynamicOffsets(node: Node, axis: number, part: Shape, start: number): Int32Array {
  const shape = shapeOf(node, 0);
  const clamped = Math.max(0, Math.min(start, at(shape, axis) - at(part, axis)));
  const strides = rowMajorStrides(shape);
  return offsets(part, strides, clamped * at(strides, axis));
}

const rules: { readonly [Op in OpName]: Rule<Op> } = {
  input: fromOutside,
  state: fromOutside,
  composite: fromOutside,
  constant: (node) => {
    const { values } = node.attributes;
    const count = elementCount(node.shape);
    return values.length === count ? Float64Array.from(values) : new Float64Array(count).fill(at(values, 0));
  },
  iota: (node) => {
    const strides = node.shape.map((_, axis) => (axis === node.attributes.axis ? 1 : 0));
    return Float64Array.from(offsets(node.shape, strides));
  },
  negate: map((x) => -x),
  exp: map(Math.exp),
  log: map(Math.log),
  sqrt: map(Math.sqrt),
  rsqrt: map((x) => 1 / Math.sqrt(x)),
  sigmoid: map((x) => 1 / (1 + Math.exp(-x))),
  tanh: map(Math.tanh),
  sin: map(Math.sin),
  cos: map(Math.cos),
  abs: map(Math.abs),
  sign: map(Math.sign),
  relu: map((x) => (x > 0 || Number.isNaN(x) ? x : 0)),
  not: map((x) => truth(x === 0)),
  cast: (node, inputs) => {
    const x = at(inputs, 0);
    if (node.attributes.to === 'bool') return x.map((own) => truth(own !== 0));
    return node.attributes.to === 'int32' ? x.map(Math.trunc) : x;
  },
  stopGradient: (_node, inputs) => at(inputs, 0),
  barrier: (_node, inputs) => at(inputs, 0),
  add: zip((a, b) => a + b),
  subtract: zip((a, b) => a - b),
  multiply: (node, inputs) => (node.dtype === 'int32' ? multiplyIntegers : multiplyFloats)(node, inputs),
  divide: zip((a, b) => a / b),
  power: zip((a, b) => a ** b),
  maximum: zip(Math.max),
  minimum: zip(Math.min),
  equal: zip((a, b) => truth(a === b)),
  less: zip((a, b) => truth(a < b)),
  lessEqual: zip((a, b) => truth(a <= b)),
  and: zip((a, b) => truth(a !== 0 && b !== 0)),
  or: zip((a, b) => truth(a !== 0 || b !== 0)),
  where: (node, inputs) => {
    const index = node.inputs.map((input) => offsets(node.shape, broadcastStrides(input.shape, node.shape)));
    const read = (operand: number, i: number): number => at(at(inputs, operand), at(at(index, operand), i));
    return new Float64Array(elementCount(node.shape)).map((_, i) => (read(0, i) !== 0 ? read(1, i) : read(2, i)));
  },
  sum: (node, inputs) => reduce(node, at(inputs, 0), 0, (total, x) => total + x),
  max: (node, inputs) => reduce(node, at(inputs, 0), -Infinity, Math.max),
  argMax: (node, inputs) => alongAxis(node, node.attributes.axis, at(inputs, 0), descending),
  topK: (node, inputs) => alongAxis(node, node.shape.length - 1, at(inputs, 0), descending),
  softmax: (node, inputs) =>
    alongAxis(node, node.attributes.axis, at(inputs, 0), (line) => {
      const { lowered, total } = belowTop(line);
      return lowered.map((x) => Math.exp(x) / total);
    }),
  logSoftmax: (node, inputs) =>
    alongAxis(node, node.attributes.axis, at(inputs, 0), (line) => {
      const { lowered, total } = belowTop(line);
      return lowered.map((x) => x - Math.log(total));
    }),
  cumulativeSum: (node, inputs) =>
    alongAxis(node, node.attributes.axis, at(inputs, 0), (line) => {
      let total = 0;
      const running = (x: number): number => (total += x);
      return node.attributes.reverse ? line.reverse().map(running).reverse() : line.map(running);
    }),
  matmul: (node, inputs) => matmul(node, at(inputs, 0), at(inputs, 1)),
  reshape: (_node, inputs) => at(inputs, 0),
  transpose: (node, inputs) => {
    const strides = rowMajorStrides(shapeOf(node, 0));
    const index = offsets(
      node.shape,
      node.attributes.permutation.map((axis) => at(strides, axis)),
    );
    return pick(at(inputs, 0), index);
  },
  broadcast: (node, inputs) => {
    const index = offsets(node.shape, broadcastStrides(shapeOf(node, 0), node.shape));
    return pick(at(inputs, 0), index);
  },
  slice: (node, inputs) => {
    const strides = rowMajorStrides(shapeOf(node, 0));
    const start = offsetOf(node.attributes.starts, strides);
    return pick(at(inputs, 0), offsets(node.shape, strides, start));
  },
  pad: (node, inputs) => {
    const result = new Float64Array(elementCount(node.shape));
    const strides = rowMajorStrides(node.shape);
    const start = offsetOf(node.attributes.before, strides);
    place(result, offsets(shapeOf(node, 0), strides, start), at(inputs, 0));
    return result;
  },
  concat: (node, inputs) => {
    const { axis } = node.attributes;
    const result = new Float64Array(elementCount(node.shape));
    const strides = rowMajorStrides(node.shape);
    let start = 0;
    node.inputs.forEach((input, part) => {
      place(result, offsets(input.shape, strides, start), at(inputs, part));
      start += at(input.shape, axis) * at(strides, axis);
    });
    return result;
  },
  dynamicSlice: (node, inputs) => {
    const index = dynamicOffsets(node, node.attributes.axis, node.shape, at(at(inputs, 1), 0));
    return pick(at(inputs, 0), index);
  },
  dynamicUpdateSlice: (node, inputs) => {
    const result = at(inputs, 0).slice();
    const index = dynamicOffsets(node, node.attributes.axis, shapeOf(node, 1), at(at(inputs, 2), 0));
    place(result, index, at(inputs, 1));
    return result;
  },
  gather: (node, inputs) => {
    const [table, indices] = [at(inputs, 0), at(inputs, 1)];
    const rows = at(shapeOf(node, 0), 0);
    const width = elementCount(shapeOf(node, 0).slice(1));
    const result = new Float64Array(elementCount(node.shape));
    indices.forEach((raw, i) => {
      const row = checkedIndex(raw, rows, node);
      result.set(table.subarray(row * width, (row + 1) * width), i * width);
    });
    return result;
  },
  scatterAdd: (node, inputs) => {
    const [indices, updates] = [at(inputs, 0), at(inputs, 1)];
    const width = elementCount(node.shape.slice(1));
    const result = new Float64Array(elementCount(node.shape));
    updates.forEach((own, i) => {
      const target = checkedIndex(at(indices, Math.floor(i / width)), node.attributes.size, node) * width + (i % width);
      result[target] = at(result, target) + own;
    });
    return result;
  },
  takeAlongAxis: (node, inputs) => {
    const source = alongIndices(node, shapeOf(node, 0), node.attributes.axis, shapeOf(node, 1), at(inputs, 1));
    return pick(at(inputs, 0), source);
  },
  scatterAddAlongAxis: (node, inputs) => {
    const result = new Float64Array(elementCount(node.shape));
    const target = alongIndices(node, node.shape, node.attributes.axis, shapeOf(node, 0), at(inputs, 0));
    target.forEach((offset, i) => (result[offset] = at(result, offset) + at(at(inputs, 1), i)));
    return result;
  },
};

/** Offsets into `shape` where the coordinate along `axis` comes from the indices. */
function alongIndices(node: Node, shape: Shape, axis: number, indexShape: Shape, indices: Values): Int32Array {
  const strides = rowMajorStrides(shape);
  const base = offsets(
    indexShape,
    strides.map((stride, own) => (own === axis ? 0 : stride)),
  );
  return base.map((offset, i) => offset + checkedIndex(at(indices, i), at(shape, axis), node) * at(strides, axis));
}
