// One learning rate after the warm-up.
import type { Schedule } from '@espalier/core';
import { warmingUp, warmupSteps } from './warmup.js';

/** Height and beginning of the schedule. */
export interface ConstantOptions {
  /** Highest learning rate. */
  readonly peak: number;
  /** Steps of linear warm-up, at most half of the run; none when not given. */
  readonly warmup?: number;
}

/** peak·(step + 1) / warmup in the warm-up (Goyal et al. 2017, section 2.2), then `peak`; steps are 0-based. */
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
