// Learning-rate schedules by name, with their options.
import { schedule } from '@espalier/core';
import { z } from 'zod';
import { cosine } from '../schedules/cosine.js';

/** The schedules of this package. */
export const schedules = [
  schedule({
    name: 'cosine',
    summary: 'linear warm-up, then half a cosine from the peak to the minimum',
    options: z.strictObject({
      peak: z.number().positive(),
      minimum: z.number().nonnegative().optional(),
      warmup: z.int().nonnegative().default(0),
    }),
    create: ({ minimum, ...rest }) => cosine(minimum === undefined ? rest : { ...rest, minimum }),
  }),
];
