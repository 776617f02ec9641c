// Logit distillation with the generalised Jensen–Shannon divergence, between forward and reverse KL.
import { rowMean, strategy } from '@espalier/core';
import {
  add,
  exp,
  log,
  logSoftmax,
  maximum,
  multiply,
  stopGradient,
  subtract,
  sum,
  type Tensor,
} from '@espalier/core/graph';
import { z } from 'zod';
import { comparedLogits, logitOptions, scaled } from './logits.js';

type Float = Tensor<'float32'>;

/**
 * β·KL(p ‖ m) + (1 − β)·KL(q ‖ m), m = β·p + (1 − β)·q, p the teacher's and q the student's softmax at temperature T, mean over
 * valid tokens (Agarwal et al. 2024, "On-policy distillation", equation 1).
 */
export const jensenShannonLoss = strategy('loss', {
  name: 'jensen-shannon',
  summary: 'β·KL(p_teacher ‖ m) + (1 − β)·KL(p_student ‖ m), m the mixture of both, mean over valid tokens',
  options: logitOptions.extend({
    beta: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.5)
      .describe("β, the teacher's share of the mixture; ½ is the symmetric divergence"),
  }),
  create: ({ beta, ...options }) => ({
    needsTeacher: true,
    loss(student, teacher, { weights }) {
      const [own, other] = comparedLogits(student, teacher, options);
      const logQ = logSoftmax(multiply(own, 1 / options.temperature)); // [N, V]
      const logP = logSoftmax(multiply(stopGradient(other), 1 / options.temperature));
      const logM = logMixture(logP, logQ, beta);
      const divergence = (logOf: Float): Float => sum(multiply(exp(logOf), subtract(logOf, logM)), [-1]); // [N, V] -> [N, 1]
      const perToken = add(multiply(divergence(logP), beta), multiply(divergence(logQ), 1 - beta));
      return scaled(rowMean(perToken, weights), options);
    },
  }),
});

/** log(β·p + (1 − β)·q) out of logarithms, where p and q themselves may be 0 in float32. */
function logMixture(logP: Float, logQ: Float, beta: number): Float {
  const [a, b] = [add(logP, Math.log(beta)), add(logQ, Math.log(1 - beta))];
  const top = stopGradient(maximum(a, b));
  return add(top, log(add(exp(subtract(a, top)), exp(subtract(b, top)))));
}
