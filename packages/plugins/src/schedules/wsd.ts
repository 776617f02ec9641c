// Warm-up, stable, decay: a run can be lengthened without having decayed in vain.
import type { Schedule } from '@espalier/core';
import type { CosineOptions } from './cosine.js';
import { warmingUp, warmupSteps } from './warmup.js';

/** Height, end, beginning and fall of the schedule. */
export interface WsdOptions extends CosineOptions {
  /** Share of the steps, at the end, over which the rate falls; a tenth when not given. */
  readonly decay?: number;
}

/**
 * peak·(step + 1) / warmup in the warm-up, `peak` until the last `decay` share of the steps, then linear down to `minimum` (Hu
 * et al. 2024, "MiniCPM", here with a linear fall).
 */
export function wsd({ peak, minimum = peak / 10, warmup = 0, decay = 0.1 }: WsdOptions): Schedule {
  return {
    name: 'wsd',
    summary: `${peak}, falling to ${minimum} over the last ${decay} of the steps, ${warmup} warm-up steps`,
    rate(step, steps) {
      const rise = warmupSteps(warmup, steps);
      if (step < rise) return warmingUp(peak, step, rise);
      const fall = Math.min(steps - rise, Math.max(1, Math.round(decay * steps)));
      const progress = Math.max(0, (step - (steps - fall)) / fall);
      return peak - (peak - minimum) * Math.min(1, progress);
    },
  };
}
