// The linear warm-up that every schedule begins with, and the options that they share.
import type { Schedule } from '@espalier/core';
import { z } from 'zod';

/** Height and beginning of a schedule. */
export const flat = z.strictObject({
  peak: z.number().positive().describe('highest learning rate'),
  warmup: z.int().nonnegative().default(0).describe('steps of linear warm-up, at most half of the run'),
});

/** Height, end and beginning of a schedule that falls. */
export const falling = flat.extend({
  minimum: z.number().nonnegative().exactOptional().describe('rate at the end; a tenth of the peak when not given'),
});

/**
 * peak·(step + 1) / warmup in the warm-up (Goyal et al. 2017, section 2.2), `peak` at its last step; it is at most half of the run, so
 * that a short run reaches its peak. Then what `rest` says `after` so many steps since, `left` of them in all.
 */
export function warmedUp(
  { peak, warmup }: z.output<typeof flat>,
  rest: (after: number, left: number, steps: number) => number,
): Schedule {
  return (step, steps) => {
    const rise = Math.min(warmup, Math.floor(steps / 2));
    return step < rise ? (peak * (step + 1)) / rise : rest(step - rise, steps - rise, steps);
  };
}
