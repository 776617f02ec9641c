// Depth and width at once, for a target that changes both.
import type { Pruner } from '@espalier/core';
import { keptLayers, type DepthOptions } from './depth.js';
import { widthPlan, type WidthOptions } from './width.js';

/** The layers that `depth` keeps, cut as `width` cuts them. */
export function jointPruner({ contiguous = false, order = 'original' }: DepthOptions & WidthOptions = {}): Pruner {
  return {
    name: 'joint',
    summary: 'drops the layers of least score and narrows the others',
    plan(architecture, scores, target) {
      const layers = keptLayers(architecture, scores, target.layers, contiguous);
      const width = widthPlan(architecture, scores, target, order);
      const ofKept = <T>(lists: readonly T[]): readonly T[] => lists.filter((_, layer) => layers.includes(layer));
      return {
        layers,
        hidden: width.hidden,
        ffn: ofKept(width.ffn),
        heads: ofKept(width.heads),
        kvHeads: ofKept(width.kvHeads),
      };
    },
  };
}
