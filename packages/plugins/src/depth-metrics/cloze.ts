// Depth by a downstream task.
import type { DepthMetric } from '@espalier/core';
import { cloze, type ClozeOptions } from '../evaluators/cloze.js';

/** Quality = accuracy on cloze items (Sreenivas et al. 2024, section 4, use Winogrande in this place). Throws as `cloze` does. */
export function clozeMetric(options: ClozeOptions): DepthMetric {
  return {
    name: 'cloze',
    summary: 'fall of cloze accuracy when a layer or block is gated off',
    async quality(runner, context, tools) {
      return (await cloze(options).evaluate(runner, context, tools)).accuracy;
    },
  };
}
