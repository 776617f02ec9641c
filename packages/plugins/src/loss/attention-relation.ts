// Distillation of how tokens relate to each other in queries, keys and values: widths and head counts may differ freely.
import { at, InputError, rowMean, strategy, type BatchRows } from '@espalier/core';
import {
  add,
  exp,
  iota,
  lessEqual,
  logSoftmax,
  matmul,
  multiply,
  reshape,
  stopGradient,
  subtract,
  sum,
  transpose,
  where,
  type Tensor,
} from '@espalier/core/graph';
import { z } from 'zod';
import { count } from '../options.js';

type Float = Tensor<'float32'>;

const vectors = ['queries', 'keys', 'values'] as const;

/**
 * Σ over X in {Q, K, V} of KL(R_X of the teacher ‖ R_X of the student), R_X = softmax(x·xᵀ / √d) over the tokens up to and with
 * each row, x = X cut into relation heads of d numbers; mean over heads and valid tokens (Wang et al. 2021, "MiniLMv2", section
 * 3.1, with the causal mask of a decoder; vectors before rotary positions). It is the L_att of Muralidharan et al. 2024,
 * section 3. Throws `InputError` for relation heads that do not divide a width.
 */
export const attentionRelationLoss = strategy('loss', {
  name: 'attention-relation',
  summary: 'KL of query, key and value relations, teacher ‖ student, mean over relation heads and valid tokens',
  options: z.strictObject({
    relationHeads: count
      .exactOptional()
      .describe(
        "heads that the vectors are cut into anew, a divisor of their widths; the greatest common divisor of both models' key/value heads when not given",
      ),
  }),
  create: ({ relationHeads }) => ({
    needsTeacher: true,
    needs: vectors,
    loss(student, teacher, rows) {
      const heads = relationHeads ?? commonDivisor(student.kvHeads, teacher.kvHeads);
      return vectors
        .map((name) => {
          const logQ = relations(student.state(name), heads, rows); // [B, A, T, T]
          const logP = relations(stopGradient(teacher.state(name)), heads, rows);
          const perHead = sum(multiply(exp(logP), subtract(logP, logQ)), [-1]); // [B, A, T, 1]
          return rowMean(multiply(sum(perHead, [1]), 1 / heads), rows.weights); // [B, 1, T, 1] is N rows in their order
        })
        .reduce((a, b) => add(a, b));
    },
  }),
});

/** Logarithms of the relations of rows `[N, A·d]`: `[B, A, T, T]`, a very small number where a token has not been read yet. */
function relations(x: Float, heads: number, { batch, length }: BatchRows): Float {
  const width = at(x.shape, 1);
  if (width % heads !== 0) {
    const found = `vectors of ${width} numbers cannot be cut into ${heads} equal heads`;
    throw new InputError({ asked: 'use loss "attention-relation"', found, fix: 'Give relationHeads that divide it' });
  }
  const size = width / heads;
  const cut = transpose(reshape(x, [batch, length, heads, size]), [0, 2, 1, 3]); // [N, A·d] -> [B, A, T, d]
  const scores = multiply(matmul(cut, cut, { transposeB: true }), size ** -0.5);
  const read = lessEqual(iota([length, length], 1), iota([length, length], 0));
  return logSoftmax(where(read, scores, HIDDEN));
}

/** A score whose softmax is 0, and whose logarithm stays finite. */
const HIDDEN = -1e9;

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
