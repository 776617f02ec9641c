// Small pieces that several op rules are made of.
import { sameShape, type Shape, type TensorType } from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';

/** One number everywhere. */
export function fillOf({ shape, dtype }: TensorType, value: number): tf.Tensor {
  return tf.fill([...shape], value, dtype === 'float16' ? 'float32' : dtype);
}

/** Zeros of a type. */
export function zerosOf({ shape, dtype }: TensorType): tf.Tensor {
  return tf.zeros([...shape], dtype === 'float16' ? 'float32' : dtype);
}

/** A stack of matrices whose leading axes are the batch's; tfjs broadcasts these right only from one matrix or none. */
export function broadcastBatch(x: tf.Tensor, batch: Shape): tf.Tensor {
  const own = x.shape.slice(0, -2);
  return sameShape(own, batch) ? x : tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
}

/**
 * `a` where the condition holds, else `b`; all broadcast. Booleans are not selected but combined: the wasm kernel takes four
 * bytes for each, and writes past the end.
 */
export function select(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.dtype !== 'bool') return tf.where(condition, a, b);
  return tf.logicalOr(tf.logicalAnd(condition, a), tf.logicalAnd(tf.logicalNot(condition), b));
}

/** float16 rounded: half a unit above the largest number becomes infinite. */
const TOO_LARGE = 65520;
/** Adding and subtracting it rounds to multiples of 2⁻²⁴, the smallest step of float16 (below 2⁻¹⁴). */
const SMALLEST_STEP = 0.75;
const SMALLEST_NORMAL = 2 ** -14;
/** Veltkamp's factor that leaves 11 of float32's 24 significant bits. */
const SPLITTER = 2 ** 13 + 1;

/**
 * The nearest numbers that float16 has, as float32 (tfjs has no float16). Veltkamp's splitting: exact but for ties, which may
 * round away from even.
 */
export function roundToHalf(x: tf.Tensor): tf.Tensor {
  // Flat, because the webgpu kernel of `where` takes no more than four axes.
  return tf.reshape(roundFlat(tf.reshape(x, [-1])), x.shape);
}

function roundFlat(x: tf.Tensor): tf.Tensor {
  const size = tf.abs(x);
  const huge = tf.greaterEqual(size, TOO_LARGE);
  const tame = tf.where(huge, tf.zerosLike(x), x);
  const split = tf.mul(tame, SPLITTER);
  const normal = tf.sub(split, tf.sub(split, tame));
  const small = tf.sub(tf.add(tame, SMALLEST_STEP), SMALLEST_STEP);
  const rounded = tf.where(tf.less(size, SMALLEST_NORMAL), small, normal);
  return tf.where(huge, tf.mul(x, Infinity), rounded);
}
