// Depth metrics by name, with their options.
import { depthMetric } from '@espalier/core';
import { z } from 'zod';
import { clozeMetric } from '../depth-metrics/cloze.js';
import { lossMetric } from '../depth-metrics/loss.js';
import { count, ids } from './options.js';

/** The depth metrics of this package. */
export const depthMetrics = [
  depthMetric({
    name: 'loss',
    summary: 'rise of the loss (log perplexity) when a layer or block is gated off',
    options: z.strictObject({ documents: z.array(ids), maxTokens: count }),
    create: lossMetric,
  }),
  depthMetric({
    name: 'cloze',
    summary: 'fall of cloze accuracy when a layer or block is gated off',
    options: z.strictObject({
      items: z.array(z.strictObject({ prompt: ids, choices: ids, answer: z.int().nonnegative() })),
    }),
    create: clozeMetric,
  }),
];
