// Cosine decay with linear warm-up.
import type { Schedule } from '@espalier/core';
import { warmingUp, warmupSteps } from './warmup.js';

export interface CosineOptions {
  /** Highest learning rate. */
  readonly peak: number;
  /** Rate at the end; a tenth of the peak when not given. */
  readonly minimum?: number;
  /** Steps of linear warm-up; at most half of the run. */
  readonly warmup?: number;
}

/** Linear to `peak` over `warmup` steps, then half a cosine down to `minimum` (Loshchilov & Hutter 2017). */
export function cosine({ peak, minimum = peak / 10, warmup = 0 }: CosineOptions): Schedule {
  return {
    name: 'cosine',
    summary: `cosine from ${peak} to ${minimum}, ${warmup} warm-up steps`,
    rate(step, steps) {
      const rise = warmupSteps(warmup, steps);
      if (step < rise) return warmingUp(peak, step, rise);
      const progress = Math.min(1, (step - rise) / Math.max(1, steps - rise));
      return minimum + 0.5 * (peak - minimum) * (1 + Math.cos(Math.PI * progress));
    },
  };
}
