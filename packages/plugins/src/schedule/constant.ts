// One learning rate after the warm-up.
import { strategy } from '@espalier/core';
import { flat, warmedUp } from './warmup.js';

/** Linear warm-up, then `peak`. */
export const constantRate = strategy('schedule', {
  name: 'constant',
  summary: 'linear warm-up, then the peak',
  options: flat,
  create: (options) => warmedUp(options, () => options.peak),
});
