// Width: the best hidden channels of the whole model, and in every layer its best neurons and its best heads.
import {
  InputError,
  keepBest,
  type Architecture,
  type KeptOrder,
  type PrunePlan,
  type Pruner,
  type Scores,
} from '@espalier/core';

export interface WidthOptions {
  /** How kept units are ordered; as in the teacher when not given. The student computes the same either way. */
  readonly order?: KeptOrder;
}

/** Keeps what scores highest on every axis; heads equally many in each key/value group (Muralidharan et al. 2024, section 2.3). */
export function widthPruner({ order = 'original' }: WidthOptions = {}): Pruner {
  return {
    name: 'width',
    summary: 'keeps the highest-scored hidden channels, neurons and heads; all layers stay',
    plan(architecture, scores, target) {
      if (target.layers === architecture.layers) return widthPlan(architecture, scores, target, order);
      throw new InputError({
        asked: `prune ${architecture.layers} layers to ${target.layers} by width`,
        found: 'the width pruner keeps all layers',
        fix: 'Use the pruner depth, or joint for both',
      });
    },
  };
}

/** The widths of a plan that keeps all layers. Throws `InputError` when an axis is to shrink that has no scores. */
export function widthPlan(
  { layers, sizes }: Architecture,
  scores: Partial<Scores>,
  target: Architecture,
  order: KeptOrder,
): PrunePlan {
  const all = indices(layers);
  const keep = (axis: 'ffn' | 'hidden', own: readonly number[] | undefined): readonly number[] =>
    kept(axis, own, sizes[axis], target.sizes[axis], order);
  const groups = all.map((layer) => keptHeads(scores.heads?.[layer], sizes, target.sizes, order));
  return {
    layers: all,
    hidden: keep('hidden', scores.hidden),
    ffn: all.map((layer) => keep('ffn', scores.ffn?.[layer])),
    heads: groups.map((own) => own.heads),
    kvHeads: groups.map((own) => own.kvHeads),
  };
}

/** The best key/value groups by the sum of their heads, and within each group its best heads. */
function keptHeads(
  scores: readonly number[] | undefined,
  before: Architecture['sizes'],
  after: Architecture['sizes'],
  order: KeptOrder,
): { readonly heads: readonly number[]; readonly kvHeads: readonly number[] } {
  const size = before.heads / before.kvHeads;
  const members = indices(before.kvHeads).map((group) => scores?.slice(group * size, (group + 1) * size));
  const sums = scores && members.map((own = []) => own.reduce((a, b) => a + b, 0));
  const kvHeads = kept('heads', sums, before.kvHeads, after.kvHeads, 'original');
  const heads = kvHeads.flatMap((group) =>
    kept('heads', members[group], size, after.heads / after.kvHeads, order).map((head) => group * size + head),
  );
  return { heads, kvHeads };
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
