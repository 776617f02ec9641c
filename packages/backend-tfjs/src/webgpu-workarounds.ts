// What the webgpu device of TensorFlow.js 4.22 lacks or gets wrong. WGSL leaves the precision of sine and cosine, and NaN and
// infinity, largely to the driver; a NaN that vanishes would hide a broken training run.
import { at } from '@espalier/core';
import { elementCount, type Shape } from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';
import { exactAbs, exactNegate } from './exact-integers.js';
import { select, zerosOf } from './kernels.js';
import { operand, rules, scatterRules, type Rule, type Rules, type SumRows } from './rules.js';

/** NaN where the operand is. */
const keepNan =
  (kernel: (x: tf.Tensor) => tf.Tensor): Rule<'exp' | 'sigmoid'> =>
  (_node, operands) => {
    const x = operand(operands, 0);
    return tf.where(tf.isNaN(x), x, kernel(x));
  };

/** π in three parts that float32 holds, so that a multiple of it is taken off without rounding (Cody and Waite). */
const PI_PARTS = [3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7];
/** Taylor's coefficients of sine up to the 11th power: 6e-8 off at ±π/2. */
const SINE = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const LAST_OF_SINE = -1 / 39916800;

/** Sine or cosine to float32's precision: sin(kπ + r) = ±sin r, cos((k + ½)π + r) = ∓sin r. */
const circular =
  (half: number, sign: number): Rule<'sin' | 'cos'> =>
  (_node, operands) => {
    const x = operand(operands, 0);
    const turns = tf.floor(tf.add(tf.mul(x, 1 / Math.PI), 0.5 - half));
    const middle = tf.add(turns, half);
    const rest = PI_PARTS.reduce<tf.Tensor>((left, part) => tf.sub(left, tf.mul(middle, part)), x);
    const square = tf.mul(rest, rest);
    const series = SINE.reduceRight<tf.Tensor>(
      (sum, factor) => tf.add(tf.mul(sum, square), factor),
      tf.fill(x.shape, LAST_OF_SINE),
    );
    const odd = tf.sub(turns, tf.mul(2, tf.floor(tf.mul(turns, 0.5))));
    return tf.mul(tf.mul(rest, series), tf.sub(sign, tf.mul(2 * sign, odd)));
  };

/** Rows summed by coordinates: the kernel made for it adds the bits of integers as if they were floats. */
const sumRows: SumRows = (indices, rows, size) =>
  tf.scatterND(tf.reshape(indices, [-1, 1]), rows, [size, rows.shape[1]]);

/** The axis moved to the end and all others flattened: `[rows, size]`. */
function byRows(x: tf.Tensor, axis: number, swap: (x: tf.Tensor) => tf.Tensor): tf.Tensor2D {
  return tf.reshape<tf.Rank.R2>(axis === x.rank - 1 ? x : swap(x), [-1, at(x.shape, axis)]);
}

/** Exchanges an axis with the last, whatever the element type. */
function swapLast(x: tf.Tensor, axis: number): tf.Tensor {
  const order = Array.from({ length: x.rank }, (_, own) =>
    own === axis ? x.rank - 1 : own === x.rank - 1 ? axis : own,
  );
  return transposed(x, order);
}

/** Integers are moved by looking them up: the kernel moves float32 only, and rounds or is not valid. */
function transposed(x: tf.Tensor, permutation: readonly number[]): tf.Tensor {
  if (x.dtype === 'float32') return tf.transpose(x, [...permutation]);
  const shape = permutation.map((axis) => at(x.shape, axis));
  const strides = x.shape.map((_, axis) => elementCount(x.shape.slice(axis + 1)));
  const places = permutation.reduce<tf.Tensor>(
    (sum, axis, own) => {
      const along = shape.map((size, index) => (index === own ? size : 1));
      const steps = tf.mul(tf.range(0, at(shape, own), 1, 'int32'), tf.scalar(at(strides, axis), 'int32'));
      return tf.add(sum, tf.reshape(steps, along));
    },
    tf.scalar(0, 'int32'),
  );
  return tf.gather(tf.reshape(x, [-1]), tf.cast(places, 'int32'));
}

/** Reductions of integers are made in float32: the kernel's own transposition is not valid for them. */
function inFloats<Op extends 'sum' | 'max' | 'argMax'>(op: Op): Rule<Op> {
  return (node, operands) => {
    const rule: Rule<Op> = rules[op];
    const x = operand(operands, 0);
    return x.dtype === 'float32' ? rule(node, operands) : tf.cast(rule(node, [tf.cast(x, 'float32')]), 'int32');
  };
}

/** Repeats along one axis after the other: the kernel that repeats reads tensors of five axes and more back to the host, by a canvas. */
function broadcastAxes(x: tf.Tensor, shape: Shape): tf.Tensor {
  if (shape.length <= 4) return tf.broadcastTo(x, [...shape]);
  const own = [...shape.map(() => 1), ...x.shape].slice(-shape.length);
  const repeated = shape.reduce((value, size, axis) => {
    if (own[axis] === size) return value;
    const inner = own.slice(axis + 1).reduce((a, b) => a * b, 1);
    return tf.tile(tf.reshape(value, [-1, 1, inner]), [1, size, 1]);
  }, x);
  return tf.reshape(repeated, [...shape]);
}

export const webgpuWorkarounds: Partial<Rules> = {
  scatterAdd: scatterRules(sumRows).scatterAdd,
  negate: exactNegate,
  abs: exactAbs,
  exp: keepNan(tf.exp),
  sigmoid: keepNan(tf.sigmoid),
  sin: circular(0, 1),
  cos: circular(0.5, -1),
  // The logarithm of 0 is a finite number there.
  log: (_node, operands) => {
    const x = operand(operands, 0);
    return tf.where(tf.isNaN(x), x, tf.where(tf.equal(x, 0), -Infinity, tf.log(x)));
  },
  // And a negative power of 0 is 0.
  power: (_node, operands) => {
    const [base, exponent] = [operand(operands, 0), operand(operands, 1)];
    const pole = tf.logicalAnd(tf.equal(base, 0), tf.less(exponent, 0));
    return tf.where(pole, Infinity, tf.pow(base, exponent));
  },
  // The kernel ends at rank 4; a selection does not care about shapes.
  where: (node, operands) => {
    if (node.shape.length <= 4) return rules.where(node, operands);
    const flat = operands.map((own) => tf.reshape(broadcastAxes(own, node.shape), [-1]));
    const picked = select(operand(flat, 0), operand(flat, 1), operand(flat, 2));
    return tf.reshape(picked, [...node.shape]);
  },
  broadcast: (node, operands) => broadcastAxes(operand(operands, 0), node.shape),
  transpose: (node, operands) => transposed(operand(operands, 0), node.attributes.permutation),
  sum: inFloats('sum'),
  max: inFloats('max'),
  argMax: inFloats('argMax'),
  // The reversed kernel has its length built in and is taken for those of other lengths: the operand is turned round instead.
  cumulativeSum: (node, operands) => {
    const { axis, reverse } = node.attributes;
    const x = tf.cast(operand(operands, 0), 'float32');
    const turn = (own: tf.Tensor): tf.Tensor => (reverse ? tf.reverse(own, axis) : own);
    return tf.cast(turn(tf.cumsum(turn(x), axis)), node.dtype === 'int32' ? 'int32' : 'float32');
  },
  // Not by flat positions, as elsewhere: integers are computed in float32, which is exact up to 2²⁴ only.
  takeAlongAxis: (node, operands) => {
    const { axis } = node.attributes;
    const swap = (x: tf.Tensor): tf.Tensor => swapLast(x, axis);
    const [x, places] = [byRows(operand(operands, 0), axis, swap), byRows(operand(operands, 1), axis, swap)];
    const last = node.shape.length - 1;
    const shape = node.shape.map((size, own) =>
      own === axis ? at(node.shape, last) : own === last ? at(node.shape, axis) : size,
    );
    const picked = tf.reshape(tf.gather(x, places, 1, 1), shape);
    return axis === last ? picked : swap(picked);
  },
  scatterAddAlongAxis: (node, operands) => {
    const [indices, updates] = [operand(operands, 0), operand(operands, 1)];
    if (updates.size === 0) return zerosOf(node);
    const { axis, size } = node.attributes;
    const swap = (x: tf.Tensor): tf.Tensor => swapLast(x, axis);
    const [places, rows] = [byRows(indices, axis, swap), byRows(updates, axis, swap)];
    const row = tf.broadcastTo(tf.reshape(tf.range(0, places.shape[0], 1, 'int32'), [-1, 1]), places.shape);
    const coordinates = tf.reshape(tf.stack([row, places], 2), [-1, 2]);
    const summed = tf.scatterND(coordinates, tf.reshape(rows, [-1]), [places.shape[0], size]);
    const last = node.shape.length - 1;
    const shape = node.shape.map((own, index) => (index === axis ? at(node.shape, last) : index === last ? size : own));
    return axis === last ? tf.reshape(summed, [...node.shape]) : swap(tf.reshape(summed, shape));
  },
};
