import { strategy } from '@espalier/core';
import { add, multiply, subtract } from '@espalier/core/graph';
import { z } from 'zod';

export const optimizer = strategy('optimizer', {
  name: 'averaged',
  summary: 'gradient descent that gives the moving average of its weights',
  options: z.strictObject({ decay: z.number().min(0).max(1) }),
  create: ({ decay }) => ({
    moments: ['average'],
    result: 'average',
    scalars: (_step, rate) => ({ rate }),
    update({ parameter, gradient, moments: { average }, scalars: { rate } }) {
      if (!average || !rate) throw new RangeError('averaged: moments or scalars are missing');
      const next = subtract(parameter, multiply(gradient, rate));
      return { parameter: next, moments: { average: add(multiply(average, decay), multiply(next, 1 - decay)) } };
    },
  }),
});
