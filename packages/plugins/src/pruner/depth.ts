// Depth: whole layers go.
import {
  askedParts,
  fullPlan,
  InputError,
  keepBest,
  strategy,
  type Architecture,
  type AxisName,
  type PrunePlan,
  type Scores,
} from '@espalier/core';
import { z } from 'zod';

/** Which layers go. */
export const depthOptions = z.strictObject({
  contiguous: z
    .boolean()
    .default(false)
    .describe(
      'drops neighbouring layers only (better after heavy cuts: Sreenivas et al. 2024, section 4), not the least important ones wherever they are',
    ),
});

const widths: readonly AxisName[] = ['hidden', 'ffn', 'heads', 'kvHeads'];

/**
 * Drops the layers of least score (Muralidharan et al. 2024, section 2.2) or, with `contiguous`, the run of layers whose scores
 * add up to least. `plan` throws `InputError` without scores of layers, and for a target of other widths or of halves of
 * layers.
 */
export const depthPruner = strategy('pruner', {
  name: 'depth',
  summary: 'drops the layers of least score; the widths stay',
  options: depthOptions,
  create: ({ contiguous }) => ({
    search: 'depth',
    plan(architecture, scores, target) {
      checkWidths(architecture, target, 'depth');
      const parts = Object.keys(askedParts(architecture, target));
      if (parts.length > 0) {
        throw new InputError({
          asked: `prune ${parts.join(', ')} by depth`,
          found: 'the depth pruner drops whole layers',
          fix: 'Use the pruner sublayer, or joint to narrow layers as well',
        });
      }
      return layersPlan(architecture, keptLayers(architecture, scores, target.layers, contiguous));
    },
  }),
});

/** The plan that keeps these layers as they are. */
export function layersPlan(architecture: Architecture, layers: readonly number[]): PrunePlan {
  return { ...fullPlan({ ...architecture, layers: layers.length }), layers };
}

/** Throws `InputError` when a width is to change. */
export function checkWidths(architecture: Architecture, target: Architecture, pruner: string): void {
  const changed = widths.filter((axis) => target.sizes[axis] !== architecture.sizes[axis]);
  if (changed.length === 0) return;
  throw new InputError({
    asked: `prune ${changed.join(', ')} by ${pruner}`,
    found: `the ${pruner} pruner keeps all widths`,
    fix: 'Use the pruner width, or joint for both',
  });
}

/** The layers that stay (0-based), ascending. Throws `InputError` when some must go and there are no scores. */
export function keptLayers(
  { layers }: Architecture,
  scores: Partial<Scores>,
  count: number,
  contiguous: boolean,
): readonly number[] {
  const all = Array.from({ length: layers }, (_, layer) => layer);
  if (count === layers) return all;
  if (scores.layers === undefined) {
    throw new InputError({
      asked: `prune ${layers} layers to ${count}`,
      found: 'there are no scores of layers',
      fix: 'Add a scorer that scores layers, e.g. block-influence',
    });
  }
  if (!contiguous) return keepBest(scores.layers, count);
  const start = leastRun(scores.layers, layers - count);
  return all.filter((layer) => layer < start || layer >= start + layers - count);
}

/** Start of the run of `length` scores with the least sum; the first of equals. */
function leastRun(scores: readonly number[], length: number): number {
  const totals = Array.from({ length: scores.length - length + 1 }, (_, start) =>
    scores.slice(start, start + length).reduce((a, b) => a + b, 0),
  );
  return totals.indexOf(Math.min(...totals));
}
