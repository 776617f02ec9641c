// Pairs of layers as they are given.
import { InputError, strategy } from '@espalier/core';
import { z } from 'zod';

const layer = z.int().nonnegative();

/** The given pairs. `pairs` throws `InputError` for layers that the models do not have. */
export const explicitMapping = strategy('mapping', {
  name: 'explicit',
  summary: 'the pairs of layers given, 0-based',
  options: z.strictObject({
    pairs: z
      .array(z.strictObject({ student: layer, teacher: layer }))
      .min(1)
      .describe('student and teacher layers that meet, 0-based'),
  }),
  create: ({ pairs }) => ({
    pairs(student, teacher) {
      const outside = pairs.find((pair) => pair.student >= student || pair.teacher >= teacher);
      if (outside === undefined) return pairs;
      throw new InputError({
        asked: 'compare the given pairs of layers',
        found: `student layer ${outside.student} with teacher layer ${outside.teacher}, of ${student} and ${teacher}`,
        fix: `Layers are 0-based: 0 to ${student - 1} in the student, 0 to ${teacher - 1} in the teacher`,
      });
    },
  }),
});
