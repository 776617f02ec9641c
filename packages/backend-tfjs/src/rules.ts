// How each op runs on TensorFlow.js: one total table of compositions of tfjs-core kernels. A rule may leave intermediate
// tensors behind (its caller tidies up) and never sees an empty result. What single devices do wrong is in `workarounds.ts`.
import { at } from '@espalier/core';
import { elementCount, GraphError, type Node, type OpName, type Shape } from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';
import { broadcastBatch, fillOf, roundToHalf, select, zerosOf } from './kernels.js';

/** One op: from its node and the values of its operands to its value. */
export type Rule<Op extends OpName> = (node: Node<Op>, operands: readonly tf.Tensor[]) => tf.Tensor;
export type Rules = { readonly [Op in OpName]: Rule<Op> };

/** The operand at an index; the graph's builder has checked that it is there. */
export function operand(operands: readonly tf.Tensor[], index: number): tf.Tensor {
  const found = operands[index];
  if (found === undefined) throw new GraphError(`internal: operand ${index} is missing`);
  return found;
}

const given = (node: Node): never => {
  throw new GraphError(`internal: ${node.op} is not computed by a rule`);
};

const unary =
  (kernel: (x: tf.Tensor) => tf.Tensor): Rule<OpName> =>
  (_node, operands) =>
    kernel(operand(operands, 0));

const binary =
  (kernel: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Rule<OpName> =>
  (_node, operands) =>
    kernel(operand(operands, 0), operand(operands, 1));

function inputShape(node: Node, index: number): Shape {
  const input = node.inputs[index];
  if (input === undefined) throw new GraphError(`internal: operand ${index} is missing`);
  return input.shape;
}

/** tfjs normalises along the last axis only. */
function alongLastAxis(x: tf.Tensor, axis: number, kernel: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (axis === x.rank - 1) return kernel(x);
  const swap = Array.from({ length: x.rank }, (_, i) => (i === axis ? x.rank - 1 : i === x.rank - 1 ? axis : i));
  return tf.transpose(kernel(tf.transpose(x, swap)), swap);
}

/** Sizes of a view `[outer, size, inner]` around an axis. */
function around(shape: Shape, axis: number): readonly [outer: number, size: number, inner: number] {
  return [elementCount(shape.slice(0, axis)), at(shape, axis), elementCount(shape.slice(axis + 1))];
}

/** Positions in `[outer, size, inner]`, flat, of indices `[outer, n, inner]` along the middle axis. */
function flatPositions(indices: tf.Tensor, shape: Shape, axis: number): tf.Tensor1D {
  const [outer, size, inner] = around(shape, axis);
  const at = tf.reshape(indices, [outer, -1, inner]);
  const rows = tf.reshape(tf.range(0, outer, 1, 'int32'), [outer, 1, 1]);
  const columns = tf.reshape(tf.range(0, inner, 1, 'int32'), [1, 1, inner]);
  const integer = (value: number): tf.Scalar => tf.scalar(value, 'int32');
  const starts = tf.add(tf.mul(rows, integer(size * inner)), columns);
  return tf.reshape(tf.add(tf.mul(at, integer(inner)), starts), [-1]);
}

/** `length` positions from a run-time start, clamped so that they lie in `0…size − 1`. */
function clampedStart(start: tf.Tensor, size: number, length: number): tf.Tensor {
  const low = tf.maximum(tf.reshape(start, []), tf.scalar(0, 'int32'));
  return tf.minimum(low, tf.scalar(size - length, 'int32'));
}

/** Rows that share an index summed: `[n]`, `[n, width]` give `[size, width]`. */
export type SumRows = (indices: tf.Tensor1D, rows: tf.Tensor2D, size: number) => tf.Tensor;

/** The rules that scatter, on top of one kernel that sums rows. */
export function scatterRules(sumRows: SumRows): Pick<Rules, 'scatterAdd' | 'scatterAddAlongAxis'> {
  return {
    scatterAdd: (node, [indices, updates]) => {
      if (indices === undefined || updates === undefined || updates.size === 0) return zerosOf(node);
      const width = elementCount(node.shape.slice(1));
      const rows = tf.reshape<tf.Rank.R2>(updates, [indices.size, width]);
      return tf.reshape(sumRows(tf.reshape(indices, [-1]), rows, node.attributes.size), [...node.shape]);
    },
    scatterAddAlongAxis: (node, [indices, updates]) => {
      if (indices === undefined || updates === undefined || updates.size === 0) return zerosOf(node);
      const positions = flatPositions(indices, node.shape, node.attributes.axis);
      const rows = tf.reshape<tf.Rank.R2>(updates, [updates.size, 1]);
      return tf.reshape(sumRows(positions, rows, elementCount(node.shape)), [...node.shape]);
    },
  };
}

/** Every op in kernels that all devices are meant to have. */
export const rules: Rules = {
  input: given,
  state: given,
  composite: given,
  constant: (node) => {
    const { values } = node.attributes;
    const count = elementCount(node.shape);
    if (values.length !== count) return fillOf(node, at(values, 0));
    const dtype = node.dtype === 'float16' ? 'float32' : node.dtype;
    return tf.tensor(dtype === 'float32' ? Float32Array.from(values) : [...values], [...node.shape], dtype);
  },
  iota: (node) => {
    const { axis } = node.attributes;
    const along = node.shape.map((size, own) => (own === axis ? size : 1));
    return tf.broadcastTo(tf.reshape(tf.range(0, at(node.shape, axis), 1, 'int32'), along), [...node.shape]);
  },
  negate: unary(tf.neg),
  exp: unary(tf.exp),
  log: unary(tf.log),
  sqrt: unary(tf.sqrt),
  rsqrt: unary(tf.rsqrt),
  sigmoid: unary(tf.sigmoid),
  tanh: unary(tf.tanh),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  abs: unary(tf.abs),
  sign: unary(tf.sign),
  relu: unary(tf.relu),
  not: unary(tf.logicalNot),
  cast: (node, operands) => {
    const x = operand(operands, 0);
    const from = node.inputs[0]?.dtype;
    switch (node.attributes.to) {
      case 'bool':
        return tf.notEqual(x, tf.scalar(0, x.dtype));
      case 'float16':
        return roundToHalf(tf.cast(x, 'float32'));
      case 'float32':
        return from === 'float16' ? tf.clone(x) : tf.cast(x, 'float32');
      case 'int32':
        return tf.cast(x, 'int32');
    }
  },
  stopGradient: unary((x) => tf.clone(x)),
  barrier: (_node, operands) => tf.clone(operand(operands, 0)),
  add: binary(tf.add),
  subtract: binary(tf.sub),
  multiply: binary(tf.mul),
  divide: binary(tf.div),
  power: binary(tf.pow),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  equal: binary(tf.equal),
  less: binary(tf.less),
  lessEqual: binary(tf.lessEqual),
  and: binary(tf.logicalAnd),
  or: binary(tf.logicalOr),
  where: (_node, operands) => select(operand(operands, 0), operand(operands, 1), operand(operands, 2)),
  sum: (node, operands) => {
    const x = operand(operands, 0);
    if (x.size === 0) return zerosOf(node);
    return node.attributes.axes.length === 0 ? tf.clone(x) : tf.sum(x, [...node.attributes.axes], true);
  },
  max: (node, operands) => {
    const x = operand(operands, 0);
    if (x.size === 0) return fillOf(node, node.dtype === 'int32' ? -(2 ** 31) : -Infinity);
    return node.attributes.axes.length === 0 ? tf.clone(x) : tf.max(x, [...node.attributes.axes], true);
  },
  argMax: (node, operands) => tf.reshape(tf.argMax(operand(operands, 0), node.attributes.axis), [...node.shape]),
  topK: (node, operands) => tf.topk(operand(operands, 0), node.attributes.k, true).indices,
  softmax: (node, operands) => alongLastAxis(operand(operands, 0), node.attributes.axis, (x) => tf.softmax(x)),
  logSoftmax: (node, operands) => alongLastAxis(operand(operands, 0), node.attributes.axis, (x) => tf.logSoftmax(x)),
  cumulativeSum: (node, operands) =>
    tf.cumsum(operand(operands, 0), node.attributes.axis, false, node.attributes.reverse),
  matmul: (node, operands) => {
    const { transposeA, transposeB } = node.attributes;
    const [a, b] = [operand(operands, 0), operand(operands, 1)];
    if (a.size === 0) return zerosOf(node);
    if (b.rank === 2 && a.rank > 2 && !transposeA) {
      const rows = tf.reshape<tf.Rank.R2>(a, [-1, at(a.shape, -1)]);
      return tf.reshape(tf.matMul(rows, b, false, transposeB), [...node.shape]);
    }
    const batch = node.shape.slice(0, -2);
    return tf.matMul(broadcastBatch(a, batch), broadcastBatch(b, batch), transposeA, transposeB);
  },
  reshape: (node, operands) => tf.reshape(operand(operands, 0), [...node.shape]),
  transpose: (node, operands) => tf.transpose(operand(operands, 0), [...node.attributes.permutation]),
  broadcast: (node, operands) => tf.broadcastTo(operand(operands, 0), [...node.shape]),
  slice: (node, operands) => tf.slice(operand(operands, 0), [...node.attributes.starts], [...node.shape]),
  pad: (node, operands) => {
    const x = operand(operands, 0);
    if (x.size === 0) return zerosOf(node);
    if (x.rank === 0) return tf.clone(x);
    const { before, after } = node.attributes;
    return tf.pad(
      x,
      before.map((size, axis): [number, number] => [size, at(after, axis)]),
    );
  },
  concat: (node, operands) => {
    const parts = operands.filter(({ size }) => size > 0);
    return parts.length === 1 ? tf.clone(operand(parts, 0)) : tf.concat(parts, node.attributes.axis);
  },
  dynamicSlice: (node, operands) => {
    const { axis, size } = node.attributes;
    const x = operand(operands, 0);
    const start = clampedStart(operand(operands, 1), at(x.shape, axis), size);
    return tf.gather(x, tf.add<tf.Tensor1D>(tf.range(0, size, 1, 'int32'), start), axis);
  },
  dynamicUpdateSlice: (node, operands) => {
    const { axis } = node.attributes;
    const [x, update] = [operand(operands, 0), operand(operands, 1)];
    const [size, length] = [at(x.shape, axis), at(update.shape, axis)];
    if (length === 0) return tf.clone(x);
    if (length === size) return tf.clone(update);
    const start = clampedStart(operand(operands, 2), size, length);
    const place = tf.sub<tf.Tensor1D>(tf.range(0, size, 1, 'int32'), start);
    const [first, last] = [tf.scalar(0, 'int32'), tf.scalar(length - 1, 'int32')];
    const inside = tf.logicalAnd(tf.greaterEqual(place, first), tf.lessEqual(place, last));
    const shown = tf.gather(update, tf.minimum<tf.Tensor1D>(tf.maximum(place, first), last), axis);
    const along = node.shape.map((own, index) => (index === axis ? own : 1));
    return select(tf.reshape(inside, along), shown, x);
  },
  gather: (_node, operands) => tf.gather(operand(operands, 0), tf.cast(operand(operands, 1), 'int32')),
  takeAlongAxis: (node, operands) => {
    const positions = flatPositions(operand(operands, 1), inputShape(node, 0), node.attributes.axis);
    return tf.reshape(tf.gather(tf.reshape(operand(operands, 0), [-1]), positions), [...node.shape]);
  },
  ...scatterRules((indices, rows, size) => tf.unsortedSegmentSum(rows, indices, size)),
};
