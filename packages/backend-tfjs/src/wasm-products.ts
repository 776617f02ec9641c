// Matrix products on wasm. Its fast kernel (XNNPACK) takes single products of plain matrices only; transposed and batched ones go
// through a loop that is twelve times slower (41 and 3.4 GFLOP/s on one machine), so they are brought into that form where it pays.
import { at } from '@espalier/core';
import { elementCount } from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';
import { operand, rules, type Rules } from './rules.js';

/** Rows of a result that make up for transposing the operands. */
const LEAST_ROWS = 16;
/** Multiplications of one product in a batch that make up for calling the kernel once for each. */
const LEAST_PRODUCT = 2 ** 16;

const swapped = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [...x.shape.slice(0, -2).keys(), x.rank - 1, x.rank - 2]);

export const wasmMatmul: Rules['matmul'] = (node, operands) => {
  const { transposeA, transposeB } = node.attributes;
  const [rows, columns] = [at(node.shape, -2), at(node.shape, -1)];
  const [first, second] = [operand(operands, 0), operand(operands, 1)];
  const inner = at(first.shape, transposeA ? -2 : -1);
  if (first.size === 0 || rows < LEAST_ROWS) return rules.matmul(node, operands);
  const [a, b] = [transposeA ? swapped(first) : first, transposeB ? swapped(second) : second];
  const plain = { ...node, attributes: { transposeA: false, transposeB: false } };
  const count = elementCount(node.shape.slice(0, -2));
  if (b.rank === 2 || count === 1) return rules.matmul(plain, [a, b]);
  if (rows * columns * inner < LEAST_PRODUCT || a.shape.slice(0, -2).join() !== b.shape.slice(0, -2).join()) {
    return rules.matmul(node, operands);
  }
  const [lefts, rights] = [tf.reshape(a, [-1]), tf.reshape(b, [-1])];
  const products = Array.from({ length: count }, (_, index) =>
    tf.matMul(matrix(lefts, index, rows, inner), matrix(rights, index, inner, columns)),
  );
  return tf.reshape(
    tf.concat(
      products.map((own) => tf.reshape(own, [-1])),
      0,
    ),
    [...node.shape],
  );
};

/** One of the matrices that lie one after the other; a slice of one axis is a plain copy. */
function matrix(flat: tf.Tensor, index: number, rows: number, columns: number): tf.Tensor {
  return tf.reshape(tf.slice(flat, [index * rows * columns], [rows * columns]), [rows, columns]);
}
