// Linear decay with linear warm-up.
import type { Schedule } from '@espalier/core';
import type { CosineOptions } from './cosine.js';
import { warmingUp, warmupSteps } from './warmup.js';

/** peak·(step + 1) / warmup in the warm-up, then peak − (peak − minimum)·t, t = (step − warmup) / (steps − warmup), steps 0-based. */
export function linear({ peak, minimum = peak / 10, warmup = 0 }: CosineOptions): Schedule {
  return {
    name: 'linear',
    summary: `linear from ${peak} to ${minimum}, ${warmup} warm-up steps`,
    rate(step, steps) {
      const rise = warmupSteps(warmup, steps);
      if (step < rise) return warmingUp(peak, step, rise);
      const progress = Math.min(1, (step - rise) / Math.max(1, steps - rise));
      return peak - (peak - minimum) * progress;
    },
  };
}
