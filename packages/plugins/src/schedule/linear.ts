// Linear decay with linear warm-up.
import { strategy } from '@espalier/core';
import { falling, warmedUp } from './warmup.js';

/** Linear warm-up, then peak − (peak − minimum)·t, t = (step − warmup) / (steps − warmup), steps 0-based. */
export const linear = strategy('schedule', {
  name: 'linear',
  summary: 'linear warm-up, then linear from the peak to the minimum',
  options: falling,
  create({ peak, minimum = peak / 10, warmup }) {
    return warmedUp(
      { peak, warmup },
      (after, left) => peak - (peak - minimum) * Math.min(1, after / Math.max(1, left)),
    );
  },
});
