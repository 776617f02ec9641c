// One learning rate after the warm-up.
import type { Schedule } from '@espalier/core';
import { warmingUp, warmupSteps } from './warmup.js';

export interface ConstantOptions {
  readonly peak: number;
  /** Steps of linear warm-up; at most half of the run. */
  readonly warmup?: number;
}

/** Linear to `peak` over `warmup` steps, then `peak`. */
export function constantRate({ peak, warmup = 0 }: ConstantOptions): Schedule {
  return {
    name: 'constant',
    summary: `${peak}, ${warmup} warm-up steps`,
    rate(step, steps) {
      const rise = warmupSteps(warmup, steps);
      return step < rise ? warmingUp(peak, step, rise) : peak;
    },
  };
}
