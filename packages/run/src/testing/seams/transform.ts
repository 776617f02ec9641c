import { strategy } from '@espalier/core';
import { z } from 'zod';

export const transform = strategy('transform', {
  name: 'grid',
  summary: 'rounds every weight to a multiple of a step',
  options: z.strictObject({ step: z.number().positive() }),
  create: ({ step }) => ({
    apply(model) {
      const onGrid = (values: Float32Array) => values.map((own) => Math.round(own / step) * step);
      return Promise.resolve({ ...model, weights: { read: async (name) => onGrid(await model.weights.read(name)) } });
    },
  }),
});
