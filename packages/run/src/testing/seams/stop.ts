import { strategy } from '@espalier/core';
import { filter } from 'rxjs';
import { z } from 'zod';

export const stop = strategy('stop', {
  name: 'step-budget',
  summary: 'ends after so many steps',
  options: z.strictObject({ steps: z.int().positive() }),
  create: ({ steps }) => ({
    when: (metrics) => metrics.pipe(filter(({ name, step }) => name === 'loss' && step + 1 === steps)),
  }),
});
