// AdamW with decoupled weight decay.
import { add, divide, multiply, sqrt, subtract, type Optimizer } from '@espalier/core';

/** The constants of AdamW. */
export interface AdamWOptions {
  /** Decay of the mean of gradients, from 0 and below 1; 0.9 when not given. */
  readonly beta1?: number;
  /** Decay of the mean of their squares, from 0 and below 1; 0.95 when not given. */
  readonly beta2?: number;
  /** Added to the root of the second moment; 1e-8 when not given. */
  readonly epsilon?: number;
  /** λ, times the learning rate; 0.1 when not given. On matrices and embeddings only. */
  readonly weightDecay?: number;
}

/**
 * w ← w·(1 − lr·λ) − lr·m̂ / (√v̂ + ε) (Loshchilov & Hutter 2019, algorithm 2; λ on matrices and embeddings only).
 * The moments are kept divided by (1 − β), which saves a pass over each: m = (1 − β₁)·M with M ← β₁·M + g, v likewise.
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.1 } = options;
  return {
    name: 'adamw',
    summary: `AdamW, β ${beta1} and ${beta2}, weight decay ${weightDecay}`,
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
  };
}
