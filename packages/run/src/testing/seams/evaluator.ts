import { strategy } from '@espalier/core';

export const evaluator = strategy('evaluator', {
  name: 'weight-size',
  summary: 'mean absolute value of the embedding table',
  create: () => ({
    measures: { size: { label: 'weight size', digits: 6 } },
    async evaluate({ model }) {
      const values = await model.weights.read('model.embed_tokens.weight');
      return { size: values.reduce((sum, own) => sum + Math.abs(own), 0) / values.length };
    },
  }),
});
