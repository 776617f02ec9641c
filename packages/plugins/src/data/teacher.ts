// Text that the teacher writes itself, so that no dataset is needed.
import { sampleSequences, strategy } from '@espalier/core';
import { z } from 'zod';
import { count, share } from '../options.js';

/** Endless seeded samples of the teacher, each `length` tokens from the beginning of a text. */
export const teacherSource = strategy('data', {
  name: 'teacher',
  summary: 'text sampled from the teacher itself; needs no dataset',
  options: z.strictObject({
    length: count.describe('tokens of a document, the one that begins it included'),
    batch: count.default(64).describe('documents sampled at a time'),
    temperature: z
      .number()
      .nonnegative()
      .default(1)
      .describe(
        'divides the logits: 1 samples what the teacher believes; less is safer, more uniform text; 0 takes the likeliest token',
      ),
    topP: share
      .default(1)
      .describe('draws only from the likeliest tokens that together have this probability (Holtzman et al. 2020)'),
  }),
  create: (options) => ({
    layout: 'padded',
    documents: ({ teacher, random, ...context }) => sampleSequences(teacher, context, { ...options, random }),
  }),
});
