// Depth by loss: perplexity's logarithm, so that differences of it can be compared.
import type { DepthMetric } from '@espalier/core';
import { perplexity, type PerplexityOptions } from '../evaluators/perplexity.js';

/**
 * Quality = −(mean cross-entropy of the documents in nats), i.e. −log perplexity (Muralidharan et al. 2024, section 2.2,
 * "PPL"). Throws as `perplexity` does.
 */
export function lossMetric(options: PerplexityOptions): DepthMetric {
  return {
    name: 'loss',
    summary: 'rise of the loss (log perplexity) when a layer or block is gated off',
    async quality(runner, context, tools) {
      return -(await perplexity(options).evaluate(runner, context, tools)).loss;
    },
  };
}
