// AdamW with decoupled weight decay.
import { strategy } from '@espalier/core';
import { add, divide, multiply, sqrt, subtract } from '@espalier/core/graph';
import { z } from 'zod';

/** The smallest normal float32: what is smaller counts as 0 on most devices. */
const SMALLEST = 2 ** -126;

/**
 * w ← w·(1 − lr·λ) − lr·m̂ / (√v̂ + ε) (Loshchilov & Hutter 2019, algorithm 2; λ on matrices and embeddings only).
 * The moments are kept divided by (1 − β), which saves a pass over each: m = (1 − β₁)·M with M ← β₁·M + g, v likewise.
 */
export const adamw = strategy('optimizer', {
  name: 'adamw',
  summary: 'AdamW: means of gradients and of their squares, weight decay apart from them',
  options: z.strictObject({
    beta1: z.number().min(0).lt(1).default(0.9).describe('β₁, decay of the mean of gradients'),
    beta2: z.number().min(0).lt(1).default(0.95).describe('β₂, decay of the mean of their squares'),
    epsilon: z
      .number()
      .min(SMALLEST, 'smaller is 0 in float32')
      .default(1e-8)
      .describe('ε, added to the root of the second moment'),
    weightDecay: z
      .number()
      .nonnegative()
      .default(0.1)
      .describe('λ, times the learning rate; on matrices and embeddings only'),
  }),
  create: ({ beta1, beta2, epsilon, weightDecay }) => ({
    moments: ['moment1', 'moment2'],
    scalars(step, learningRate) {
      const first = (1 - beta1) / (1 - beta1 ** step); // m̂ = first · M
      const second = Math.sqrt((1 - beta2) / (1 - beta2 ** step)); // √v̂ = second · √V
      return {
        rate: (learningRate * first) / second,
        epsilon: epsilon / second,
        keep: 1 - learningRate * weightDecay,
      };
    },
    update({ parameter, gradient, moments: { moment1, moment2 }, scalars: { rate, epsilon: floor, keep }, decay }) {
      if (!moment1 || !moment2 || !rate || !floor || !keep)
        throw new RangeError('adamw: moments or scalars are missing');
      const first = add(multiply(moment1, beta1), gradient);
      const second = add(multiply(moment2, beta2), multiply(gradient, gradient));
      const change = multiply(divide(first, add(sqrt(second), floor)), rate);
      const kept = decay ? multiply(parameter, keep) : parameter;
      return { parameter: subtract(kept, change), moments: { moment1: first, moment2: second } };
    },
  }),
});
