// A prune plan in short, for events and reports: what is kept, as a picture needs it, small whatever the model's size.
import type { Architecture, PrunePlan } from '../../model/index.js';
import { at } from '../../look-up.js';

/** Longest axis whose indices are told one by one. */
export const MAP_CELLS = 64;

/** The plan's kept shares, in percent, over at most 64 equal stretches of an axis (one index each where there are fewer). */
export interface PlanMap {
  /** Layers of the model before, and the kept ones, 0-based. */
  readonly layersBefore: number;
  readonly layers: readonly number[];
  readonly sizesBefore: Architecture['sizes'];
  readonly sizesAfter: Architecture['sizes'];
  readonly hidden: readonly number[];
  /** Per kept layer. */
  readonly ffn: readonly (readonly number[])[];
  /** Per kept layer. */
  readonly heads: readonly (readonly number[])[];
}

/** The map of a plan that leaves `after` of `before`. */
export function planMap(before: Architecture, after: Architecture, plan: PrunePlan): PlanMap {
  return {
    layersBefore: before.layers,
    layers: plan.layers,
    sizesBefore: before.sizes,
    sizesAfter: after.sizes,
    hidden: keptShares(plan.hidden, before.sizes.hidden),
    ffn: plan.ffn.map((kept) => keptShares(kept, before.sizes.ffn)),
    heads: plan.heads.map((kept) => keptShares(kept, before.sizes.heads)),
  };
}

/** Percent kept of each of at most 64 stretches of `size` indices. */
function keptShares(kept: readonly number[], size: number): readonly number[] {
  const cells = Math.min(size, MAP_CELLS);
  const cellOf = (index: number): number => Math.floor((index * cells) / size);
  const [held, all] = [new Array<number>(cells).fill(0), new Array<number>(cells).fill(0)];
  for (let index = 0; index < size; index++) all[cellOf(index)]!++;
  for (const index of kept) held[cellOf(index)]!++;
  return held.map((count, cell) => Math.round((100 * count) / at(all, cell)));
}
