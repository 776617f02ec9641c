// Text that the teacher writes itself, so that no dataset is needed.
import { openStream, sampleSequences, strategy, type Random } from '@espalier/core';
import { z } from 'zod';
import { count, share } from '../options.js';

/** Endless seeded samples of the teacher, each `length` tokens from the beginning of a text; the first 128 of a stream of their own are held out. */
export const teacherSource = strategy('data', {
  name: 'teacher',
  summary: 'text sampled from the teacher itself; needs no dataset',
  options: z.strictObject({
    length: count
      .exactOptional()
      .describe(
        'tokens of a document, the one that begins it included; one more than the training length when not given, but no more than the context',
      ),
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
    open({ teacher, ...context }) {
      const shape = { length: Math.min(context.length + 1, teacher.architecture.contextLength), ...options };
      const write = (random: Random) =>
        sampleSequences(teacher, context, { ...shape, random, ...(context.watch && { watch: context.watch }) });
      return Promise.resolve(openStream(write, context, { costly: true }));
    },
  }),
});
