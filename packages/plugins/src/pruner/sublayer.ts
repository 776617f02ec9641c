// Depth in halves: the attention or the feed-forward block of a layer goes, and the other half stays.
import {
  askedParts,
  at,
  hasPart,
  InputError,
  keepBest,
  strategy,
  type Architecture,
  type LayerPart,
  type Scores,
} from '@espalier/core';
import { checkWidths, depthOptions, keptLayers, layersPlan } from './depth.js';

/**
 * Drops layers as `depth` does, then the attention and feed-forward blocks of least score; a layer that loses both is dropped.
 * `plan` throws `InputError` for a missing score, and for a target of other widths.
 */
export const sublayerPruner = strategy('pruner', {
  name: 'sublayer',
  summary: 'removes the attention or feed-forward blocks of least score; the widths stay',
  options: depthOptions,
  create: ({ contiguous }) => ({
    search: 'depth',
    plan(architecture, scores, target) {
      checkWidths(architecture, target, 'sublayer');
      const whole = keptLayers(architecture, scores, target.layers, contiguous);
      const { layers, ...removed } = keptParts(architecture, whole, scores, target);
      return { ...layersPlan(architecture, layers), ...removed };
    },
  }),
});

interface KeptParts {
  readonly layers: readonly number[];
  readonly withoutAttention?: readonly number[];
  readonly withoutFeedForward?: readonly number[];
}

/** Of the layers given (0-based), those that keep a part, and which part others lose. Throws `InputError` for a missing score. */
export function keptParts(
  architecture: Architecture,
  layers: readonly number[],
  scores: Partial<Scores>,
  target: Architecture,
): KeptParts {
  const asked = askedParts(architecture, target);
  const lost = (part: LayerPart): readonly number[] => {
    const having = layers.filter((layer) => hasPart(architecture, part, layer));
    return leastParts(part, having, scores[part], asked[part] ?? having.length);
  };
  const [attention, feedForward] = [lost('attention'), lost('feedForward')];
  const lacks = (part: LayerPart, own: readonly number[], layer: number): boolean =>
    own.includes(layer) || !hasPart(architecture, part, layer);
  const kept = layers.filter(
    (layer) => !lacks('attention', attention, layer) || !lacks('feedForward', feedForward, layer),
  );
  const inKept = (own: readonly number[]): readonly number[] => own.filter((layer) => kept.includes(layer));
  return {
    layers: kept,
    ...(inKept(attention).length === 0 ? {} : { withoutAttention: inKept(attention) }),
    ...(inKept(feedForward).length === 0 ? {} : { withoutFeedForward: inKept(feedForward) }),
  };
}

/** The layers of those given whose part goes, so that `count` of them keep it. */
function leastParts(
  part: LayerPart,
  layers: readonly number[],
  scores: readonly number[] | undefined,
  count: number,
): readonly number[] {
  if (count >= layers.length) return [];
  if (scores === undefined) {
    throw new InputError({
      asked: `prune the ${part} of ${layers.length} layers to ${count}`,
      found: `there are no scores of ${part}`,
      fix: `Add a scorer that scores the ${part} blocks of layers`,
    });
  }
  const best = new Set(
    keepBest(
      layers.map((layer) => at(scores, layer)),
      count,
    ),
  );
  return layers.filter((_, index) => !best.has(index));
}
