// Width: the best hidden channels of the whole model, and in every layer its best neurons and its best heads.
import {
  askedParts,
  at,
  InputError,
  keepBest,
  ranking,
  strategy,
  type Architecture,
  type HeadMerge,
  type KeptOrder,
  type PrunePlan,
  type Scores,
} from '@espalier/core';
import { z } from 'zod';

/** In which order units stay, and what becomes of dropped heads. */
export const widthOptions = z.strictObject({
  order: z
    .enum(['original', 'importance'])
    .default('original')
    .describe('how kept units are ordered: as in the teacher, or best first; the student computes the same either way'),
  mergeHeads: z
    .boolean()
    .default(false)
    .describe(
      'whether the queries of dropped heads are merged into kept ones of their group: the last kept by rank takes up the first dropped, the one before it the second, and so on (Muralidharan et al. 2024, section 2.3)',
    ),
});

/**
 * Keeps what scores highest on every axis; heads equally many in each key/value group (Muralidharan et al. 2024, section 2.3).
 * `plan` throws `InputError` where an axis is to shrink that has no scores, and for a target of fewer layers.
 */
export const widthPruner = strategy('pruner', {
  name: 'width',
  summary: 'keeps the highest-scored hidden channels, neurons and heads; all layers stay',
  options: widthOptions,
  create: (options) => ({
    plan(architecture, scores, target) {
      const parts = Object.keys(askedParts(architecture, target));
      if (target.layers === architecture.layers && parts.length === 0) {
        return widthPlan(architecture, scores, target, options);
      }
      throw new InputError({
        asked: `prune ${architecture.layers} layers to ${target.layers}${parts.map((part) => ` with less ${part}`).join()} by width`,
        found: 'the width pruner keeps all layers, and keeps them whole',
        fix: 'Use the pruner depth or sublayer, or joint for both',
      });
    },
  }),
});

/** The widths of a plan that keeps all layers. Throws `InputError` when an axis is to shrink that has no scores. */
export function widthPlan(
  { layers, sizes }: Architecture,
  scores: Partial<Scores>,
  target: Architecture,
  { order, mergeHeads }: z.output<typeof widthOptions>,
): PrunePlan {
  const all = indices(layers);
  const keep = (axis: 'ffn' | 'hidden', own: readonly number[] | undefined): readonly number[] =>
    kept(axis, own, sizes[axis], target.sizes[axis], order);
  const groups = all.map((layer) => {
    const own = { heads: scores.heads?.[layer], kvHeads: scores.kvHeads?.[layer] };
    return keptHeads(own, sizes, target.sizes, order);
  });
  return {
    layers: all,
    hidden: keep('hidden', scores.hidden),
    ffn: all.map((layer) => keep('ffn', scores.ffn?.[layer])),
    heads: groups.map((own) => own.heads),
    kvHeads: groups.map((own) => own.kvHeads),
    ...(mergeHeads ? { mergedHeads: groups.map((own) => own.merges) } : {}),
  };
}

interface KeptHeads {
  readonly heads: readonly number[];
  readonly kvHeads: readonly number[];
  readonly merges: readonly HeadMerge[];
}

/** The best key/value groups, by their own scores or the sums of their heads', and within each group its best heads. */
function keptHeads(
  scores: { readonly heads: readonly number[] | undefined; readonly kvHeads: readonly number[] | undefined },
  before: Architecture['sizes'],
  after: Architecture['sizes'],
  order: KeptOrder,
): KeptHeads {
  const size = before.heads / before.kvHeads;
  const count = after.heads / after.kvHeads;
  const { heads } = scores;
  const members = heads && indices(before.kvHeads).map((group) => heads.slice(group * size, (group + 1) * size));
  const sums = members?.map((own) => own.reduce((a, b) => a + b, 0));
  // Groups stand as in the teacher in either order, as NVIDIA's code has them.
  const kvHeads = kept('heads', scores.kvHeads ?? sums, before.kvHeads, after.kvHeads, 'original');
  const number = (group: number, head: number): number => group * size + head;
  return {
    kvHeads,
    heads: kvHeads.flatMap((group) =>
      kept('heads', members && at(members, group), size, count, order).map((head) => number(group, head)),
    ),
    merges: kvHeads.flatMap((group) =>
      merges(members === undefined ? [] : ranking(at(members, group)), count).map(({ into, from }) => ({
        into: number(group, into),
        from: number(group, from),
      })),
    ),
  };
}

/** Pairs (K − i, K + 1 + i) of 1-based ranks for K kept heads, as far as there are such heads. */
function merges(ranked: readonly number[], count: number): readonly HeadMerge[] {
  return ranked.slice(count, 2 * count).map((from, index) => ({ into: at(ranked, count - 1 - index), from }));
}

function kept(
  axis: string,
  scores: readonly number[] | undefined,
  size: number,
  count: number,
  order: KeptOrder,
): readonly number[] {
  if (scores !== undefined) return keepBest(scores, count, order);
  if (count === size) return indices(size);
  throw new InputError({
    asked: `prune ${axis}`,
    found: `there are no scores of ${axis}`,
    fix: `Add a scorer that scores ${axis}, e.g. activation`,
  });
}

function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
