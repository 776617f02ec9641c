// Plain gradient descent: nothing is kept between steps.
import { multiply, subtract, type Optimizer } from '@espalier/core';

/** The constants of gradient descent. */
export interface SgdOptions {
  /** λ, times the learning rate; 0 when not given. On matrices and embeddings only. */
  readonly weightDecay?: number;
}

/** w ← w·(1 − lr·λ) − lr·g, λ on matrices and embeddings only: PyTorch's SGD without momentum. */
export function sgd({ weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    summary: `gradient descent, weight decay ${weightDecay}`,
    moments: [],
    scalars: (_step, learningRate) => ({ rate: learningRate, keep: 1 - learningRate * weightDecay }),
    update({ parameter, gradient, scalars: { rate, keep }, decay }) {
      if (!rate || !keep) throw new RangeError('sgd: scalars are missing');
      return {
        parameter: subtract(decay ? multiply(parameter, keep) : parameter, multiply(gradient, rate)),
        moments: {},
      };
    },
  };
}
