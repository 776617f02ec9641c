// Early stopping: a training that has stopped learning ends.
import { strategy } from '@espalier/core';
import { filter, map, scan } from 'rxjs';
import { z } from 'zod';
import { count } from '../options.js';

/**
 * Ends a training when a metric, lower is better, has not fallen by more than `minimum` below its best for `patience` values in a
 * row (Prechelt 1998, "Early stopping, but when?", criterion UP, counted from the best). A value that is no number counts as none.
 */
export const plateau = strategy('stop', {
  name: 'plateau',
  summary: 'ends when a metric has not become better for some measurements',
  options: z.strictObject({
    metric: z.string().min(1).default('validation/loss').describe('name of the metric, of which lower is better'),
    patience: count.default(3).describe('measurements without improvement after which the training ends'),
    minimum: z.number().nonnegative().default(0).describe('how much lower than the best counts as an improvement'),
  }),
  create: ({ metric, patience, minimum }) => ({
    metrics: [metric],
    when: (metrics) =>
      metrics.pipe(
        filter(({ name }) => name === metric),
        map(({ value }) => value),
        scan(
          ({ best, waited }, value) =>
            value < best - minimum ? { best: value, waited: 0 } : { best, waited: waited + 1 },
          { best: Infinity, waited: 0 },
        ),
        filter(({ waited }) => waited >= patience),
      ),
  }),
});
