// Cosine decay with linear warm-up.
import { strategy } from '@espalier/core';
import { falling, warmedUp } from './warmup.js';

/**
 * Linear warm-up, then minimum + (peak − minimum)·(1 + cos(π·t)) / 2, t = (step − warmup) / (steps − warmup), steps 0-based
 * (Loshchilov & Hutter 2017, equation 5, without restarts).
 */
export const cosine = strategy('schedule', {
  name: 'cosine',
  summary: 'linear warm-up, then half a cosine from the peak to the minimum',
  options: falling,
  create({ peak, minimum = peak / 10, warmup }) {
    return warmedUp({ peak, warmup }, (after, left) => {
      const progress = Math.min(1, after / Math.max(1, left));
      return minimum + 0.5 * (peak - minimum) * (1 + Math.cos(Math.PI * progress));
    });
  },
});
