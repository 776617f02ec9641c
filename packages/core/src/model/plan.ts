// A prune plan: what is kept, as plain data. No family knows it, and it knows no family.
import { GraphError } from '../graph/index.js';
import type { Architecture, AxisName } from './architecture.js';

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
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** The plan that keeps everything. */
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

/** The shape a plan leaves. Throws `GraphError` naming what is wrong with the plan. */
export function planArchitecture(architecture: Architecture, plan: PrunePlan): Architecture {
  const { sizes } = architecture;
  checkIndices('layers', plan.layers, architecture.layers);
  checkIndices('hidden', plan.hidden, sizes.hidden);
  const ffn = commonCount('ffn', plan.ffn, plan.layers.length, sizes.ffn);
  const heads = commonCount('heads', plan.heads, plan.layers.length, sizes.heads);
  const kvHeads = commonCount('kvHeads', plan.kvHeads, plan.layers.length, sizes.kvHeads);
  plan.layers.forEach((layer, index) => checkGroups(layer, sizes, plan.heads[index] ?? [], plan.kvHeads[index] ?? []));
  return {
    ...architecture,
    layers: plan.layers.length,
    sizes: { ...sizes, hidden: plan.hidden.length, ffn, heads, kvHeads },
  };
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
