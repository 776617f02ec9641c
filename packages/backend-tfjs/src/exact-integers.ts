// Ops on int32 that most devices compute in float32, which rounds above 2²⁴.
import * as tf from '@tensorflow/tfjs-core';
import { operand, type Rule } from './rules.js';

const zero = (): tf.Scalar => tf.scalar(0, 'int32');

/** 0 − x for integers. */
export const exactNegate: Rule<'negate'> = (node, operands) => {
  const x = operand(operands, 0);
  return node.dtype === 'int32' ? tf.sub(zero(), x) : tf.neg(x);
};

/** The larger of x and 0 − x for integers. */
export const exactAbs: Rule<'abs'> = (node, operands) => {
  const x = operand(operands, 0);
  return node.dtype === 'int32' ? tf.maximum(x, tf.sub(zero(), x)) : tf.abs(x);
};
