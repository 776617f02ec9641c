// A prune plan: what is kept, as plain data. No family knows it, and it knows no family.
import { GraphError } from '../graph/index.js';
import { removedParts, wholeLayers, type Architecture, type AxisName } from './architecture.js';
import { at } from '../look-up.js';

/** Kept indices, 0-based, in the order they will have. All lists per layer are in the order of `layers`. */
export interface PrunePlan {
  /** Kept layers. */
  readonly layers: readonly number[];
  /** Kept hidden channels, the same in all layers. */
  readonly hidden: readonly number[];
  /** Kept feed-forward neurons per kept layer; as many in every layer. */
  readonly ffn: readonly (readonly number[])[];
  /** Kept query heads per kept layer, group by group: the same number in every key/value group. */
  readonly heads: readonly (readonly number[])[];
  /** Kept key/value heads per kept layer. */
  readonly kvHeads: readonly (readonly number[])[];
  /** Kept layers, by their number in the model that is pruned, whose attention is removed; none when absent. */
  readonly withoutAttention?: readonly number[];
  /** Kept layers, numbered likewise, whose feed-forward block is removed; none when absent. */
  readonly withoutFeedForward?: readonly number[];
  /** Dropped heads whose queries are merged into kept ones, per kept layer; none when absent. */
  readonly mergedHeads?: readonly (readonly HeadMerge[])[];
}

/**
 * The query projection of head `into`, W, becomes W + (W − W′), where W′ is that of the dropped head `from` (Muralidharan et al.
 * 2024, section 2.3, head residuals). Numbers are those of the model that is pruned.
 */
export interface HeadMerge {
  /** Kept head, 0-based in its layer. */
  readonly into: number;
  /** Dropped head of the same group, 0-based in its layer. */
  readonly from: number;
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** The plan that keeps everything in its order. */
export function fullPlan({ layers, sizes }: Architecture): PrunePlan {
  const perLayer = (count: number): readonly (readonly number[])[] => range(layers).map(() => range(count));
  return {
    layers: range(layers),
    hidden: range(sizes.hidden),
    ffn: perLayer(sizes.ffn),
    heads: perLayer(sizes.heads),
    kvHeads: perLayer(sizes.kvHeads),
  };
}

/**
 * The shape a plan leaves. Throws `GraphError` naming what is wrong with the plan: an index that is not there or named twice,
 * layers of different sizes, heads that are not equally many in each group.
 */
export function planArchitecture(architecture: Architecture, plan: PrunePlan): Architecture {
  const { sizes } = architecture;
  checkIndices('layers', plan.layers, architecture.layers);
  checkIndices('hidden', plan.hidden, sizes.hidden);
  const ffn = commonCount('ffn', plan.ffn, plan.layers.length, sizes.ffn);
  const heads = commonCount('heads', plan.heads, plan.layers.length, sizes.heads);
  const kvHeads = commonCount('kvHeads', plan.kvHeads, plan.layers.length, sizes.kvHeads);
  plan.layers.forEach((layer, index) => checkGroups(layer, sizes, at(plan.heads, index), at(plan.kvHeads, index)));
  checkMerges(plan);
  const removed = removedParts(architecture);
  return {
    ...wholeLayers(architecture),
    layers: plan.layers.length,
    sizes: { ...sizes, hidden: plan.hidden.length, ffn, heads, kvHeads },
    ...listed('withoutAttention', lacking(plan, removed.attention, plan.withoutAttention)),
    ...listed('withoutFeedForward', lacking(plan, removed.feedForward, plan.withoutFeedForward)),
  };
}

/** Places among the kept layers of those that lack a part already, or lose it. */
function lacking({ layers }: PrunePlan, before: readonly number[], lost: readonly number[] = []): readonly number[] {
  const stranger = lost.find((layer) => !layers.includes(layer));
  if (stranger !== undefined) {
    throw new GraphError(`the plan removes a part of layer ${stranger} (0-based), which it does not keep`);
  }
  return layers.flatMap((layer, index) => (before.includes(layer) || lost.includes(layer) ? [index] : []));
}

function listed(name: 'withoutAttention' | 'withoutFeedForward', layers: readonly number[]): Partial<Architecture> {
  return layers.length === 0 ? {} : { [name]: layers };
}

function checkMerges({ layers, heads, mergedHeads }: PrunePlan): void {
  if (mergedHeads === undefined) return;
  if (mergedHeads.length !== layers.length) {
    throw new GraphError(`the plan merges heads in ${mergedHeads.length} layers and keeps ${layers.length}`);
  }
  mergedHeads.forEach((merges, index) => {
    const kept = at(heads, index);
    const wrong = merges.find(({ into, from }) => !kept.includes(into) || kept.includes(from));
    const twice = new Set(merges.map(({ into }) => into)).size !== merges.length;
    if (wrong === undefined && !twice) return;
    throw new GraphError(
      `in layer ${at(layers, index)} (0-based) the plan must merge dropped heads into kept ones, one into each`,
    );
  });
}

function checkIndices(axis: string, kept: readonly number[], size: number): void {
  if (kept.length === 0) throw new GraphError(`the plan keeps no ${axis}`);
  if (new Set(kept).size !== kept.length) throw new GraphError(`the plan keeps an index of ${axis} twice`);
  const outside = kept.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
  if (outside !== undefined) throw new GraphError(`the plan keeps ${axis} ${outside}, outside 0…${size - 1}`);
}

function commonCount(axis: AxisName, kept: readonly (readonly number[])[], layers: number, size: number): number {
  if (kept.length !== layers)
    throw new GraphError(`the plan has ${axis} for ${kept.length} layers and keeps ${layers}`);
  for (const own of kept) checkIndices(axis, own, size);
  const counts = new Set(kept.map((own) => own.length));
  const [count] = counts;
  if (counts.size !== 1 || count === undefined) {
    throw new GraphError(`the plan keeps different numbers of ${axis} in different layers: ${[...counts].join(', ')}`);
  }
  return count;
}

/** After pruning, query head j reads kept group ⌊j / (H'/KV')⌋: its old group must stand there. */
function checkGroups(
  layer: number,
  sizes: Architecture['sizes'],
  heads: readonly number[],
  kvHeads: readonly number[],
): void {
  const oldGroupSize = sizes.heads / sizes.kvHeads;
  const newGroupSize = heads.length / kvHeads.length;
  const misplaced = heads.findIndex(
    (head, index) => kvHeads[Math.floor(index / newGroupSize)] !== Math.floor(head / oldGroupSize),
  );
  if (!Number.isInteger(newGroupSize) || misplaced !== -1) {
    throw new GraphError(
      `in layer ${layer} (0-based) the kept heads are not equally many in each kept key/value group, group by group`,
    );
  }
}
