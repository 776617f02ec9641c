// Warm-up, stable, decay: a run can be lengthened without having decayed in vain.
import { strategy } from '@espalier/core';
import { share } from '../options.js';
import { falling, warmedUp } from './warmup.js';

/**
 * Linear warm-up, `peak` until the last `decay` share of the steps, then linear down to `minimum` (Hu et al. 2024, "MiniCPM", here
 * with a linear fall).
 */
export const wsd = strategy('schedule', {
  name: 'wsd',
  summary: 'linear warm-up, the peak, and linear to the minimum at the end',
  options: falling.extend({
    decay: share.default(0.1).describe('share of the steps, at the end, over which the rate falls'),
  }),
  create({ peak, minimum = peak / 10, warmup, decay }) {
    return warmedUp({ peak, warmup }, (after, left, steps) => {
      const fall = Math.min(left, Math.max(1, Math.round(decay * steps)));
      const progress = Math.max(0, (after - (left - fall)) / fall);
      return peak - (peak - minimum) * Math.min(1, progress);
    });
  },
});
