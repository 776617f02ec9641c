// Plain gradient descent: nothing is kept between steps.
import { strategy } from '@espalier/core';
import { multiply, subtract } from '@espalier/core/graph';
import { z } from 'zod';

/** w ← w·(1 − lr·λ) − lr·g, λ on matrices and embeddings only: PyTorch's SGD without momentum. */
export const sgd = strategy('optimizer', {
  name: 'sgd',
  summary: 'gradient descent without momentum',
  options: z.strictObject({
    weightDecay: z
      .number()
      .nonnegative()
      .default(0)
      .describe('λ, times the learning rate; on matrices and embeddings only'),
  }),
  create: ({ weightDecay }) => ({
    moments: [],
    scalars: (_step, learningRate) => ({ rate: learningRate, keep: 1 - learningRate * weightDecay }),
    update({ parameter, gradient, scalars: { rate, keep }, decay }) {
      if (!rate || !keep) throw new RangeError('sgd: scalars are missing');
      return {
        parameter: subtract(decay ? multiply(parameter, keep) : parameter, multiply(gradient, rate)),
        moments: {},
      };
    },
  }),
});
