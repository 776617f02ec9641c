// Depth and width at once, for a target that changes both.
import { strategy } from '@espalier/core';
import { depthOptions, keptLayers } from './depth.js';
import { keptParts } from './sublayer.js';
import { widthOptions, widthPlan } from './width.js';

/**
 * The layers and halves of layers that `sublayer` keeps, cut as `width` cuts them (depth and width together: Muralidharan et
 * al. 2024, table 1). `plan` throws `InputError` where an axis or part is to shrink that has no scores.
 */
export const jointPruner = strategy('pruner', {
  name: 'joint',
  summary: 'drops the layers, or halves of layers, of least score and narrows the others',
  options: depthOptions.extend(widthOptions.shape),
  create: ({ contiguous, ...options }) => ({
    plan(architecture, scores, target) {
      const whole = keptLayers(architecture, scores, target.layers, contiguous);
      const { layers, ...removed } = keptParts(architecture, whole, scores, target);
      const width = widthPlan(architecture, scores, target, options);
      const ofKept = <T>(lists: readonly T[]): readonly T[] => lists.filter((_, layer) => layers.includes(layer));
      return {
        layers,
        hidden: width.hidden,
        ffn: ofKept(width.ffn),
        heads: ofKept(width.heads),
        kvHeads: ofKept(width.kvHeads),
        ...(width.mergedHeads === undefined ? {} : { mergedHeads: ofKept(width.mergedHeads) }),
        ...removed,
      };
    },
  }),
});
