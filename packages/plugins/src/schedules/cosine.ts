// Cosine decay with linear warm-up.
import type { Schedule } from '@espalier/core';
import { warmingUp, warmupSteps } from './warmup.js';

/** Height, end and beginning of a schedule that falls. */
export interface CosineOptions {
  /** Highest learning rate. */
  readonly peak: number;
  /** Rate at the end; a tenth of the peak when not given. */
  readonly minimum?: number;
  /** Steps of linear warm-up, at most half of the run; none when not given. */
  readonly warmup?: number;
}

/**
 * peak·(step + 1) / warmup in the warm-up, then minimum + (peak − minimum)·(1 + cos(π·t)) / 2, t = (step − warmup) / (steps −
 * warmup), steps 0-based (Loshchilov & Hutter 2017, equation 5, without restarts).
 */
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
