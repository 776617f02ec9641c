// One pair of layers, counted from the end.
import { InputError, strategy } from '@espalier/core';
import { z } from 'zod';

/**
 * Layer L − 1 − back of each model (0-based): with 2, teacher 29 of 32 with student 13 of 16, the best pair in Muralidharan et
 * al. 2024, table 17. `pairs` throws `InputError` for models that are not so deep.
 */
export const fromLastMapping = strategy('mapping', {
  name: 'from-last',
  summary: 'one pair of layers, the same distance from the last in both models (two before it, the best in the paper)',
  options: z.strictObject({
    back: z.int().nonnegative().default(2).describe('layers after the compared one, in both models'),
  }),
  create: ({ back }) => ({
    pairs(studentLayers, teacherLayers) {
      const shortest = Math.min(studentLayers, teacherLayers);
      if (back < shortest) return [{ student: studentLayers - 1 - back, teacher: teacherLayers - 1 - back }];
      throw new InputError({
        asked: `compare the layers ${back} before the last`,
        found: `the student has ${studentLayers} layers and the teacher ${teacherLayers}`,
        fix: `Give "back" from 0 to ${shortest - 1}`,
      });
    },
  }),
});
