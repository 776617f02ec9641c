// Optimisers by name, with their options.
import { optimizer } from '@espalier/core';
import { z } from 'zod';
import { adamw } from '../optimizers/adamw.js';
import { sgd } from '../optimizers/sgd.js';

/** The optimisers of this package. */
export const optimizers = [
  optimizer({
    name: adamw().name,
    summary: adamw().summary,
    options: z.strictObject({
      beta1: z.number().min(0).lt(1).default(0.9),
      beta2: z.number().min(0).lt(1).default(0.95),
      epsilon: z.number().positive().default(1e-8),
      weightDecay: z.number().nonnegative().default(0.1),
    }),
    create: adamw,
  }),
  optimizer({
    name: sgd().name,
    summary: sgd().summary,
    options: z.strictObject({ weightDecay: z.number().nonnegative().default(0) }),
    create: sgd,
  }),
];
