// Hidden and feed-forward sizes worth trying: multiples that products run fast on and that quantised blocks fit, with which other
// tools load the model.
import type { ModelShape } from '@espalier/core';
import { z } from 'zod';

// The option of the searches that choose widths, which is described below.
export const multipleOf = z
  .int()
  .positive()
  .exactOptional()
  .describe(
    'hidden and ffn are multiples of it; 64 or more when not given, less where the model is too small for that',
  );

/** A hidden size, and the query heads that go with it. */
export interface Width {
  readonly hidden: number;
  readonly heads: number;
}

/** From this hidden size on there are multiples of 64 enough. */
export const WIDE = 512;
/** So many sizes beside the model's own are a choice; with fewer, smaller multiples are looked at. */
const ENOUGH = 4;

/**
 * Hidden sizes up to the model's own, ascending: multiples of 256 from 2048 on and of 64 from 512 on, or of the next smaller power of
 * two, 8 at least, that leaves a choice. Where the heads do not divide a size, as other tools ask of some families, the most that do go
 * with it. Below 512 they are multiples of 8 (4 below 64), or for each the size next below it that the heads divide.
 */
export function hiddenWidths(model: ModelShape, multiple?: number): readonly Width[] {
  const { hidden } = model.architecture.sizes;
  if (multiple !== undefined) return dividedWidths(model, multiple);
  if (hidden < WIDE) return narrowWidths(model, hidden < 64 ? 4 : 8);
  const steps = [256, 128, 64, 32, 16].filter((step) => step <= (hidden >= 2048 ? 256 : 64));
  for (const step of steps) {
    const found = dividedWidths(model, step);
    if (found.length > ENOUGH) return found;
  }
  return dividedWidths(model, 8);
}

/** About 2% of the size, and multiples of 64 where that is not much more: with hidden fixed, this step decides how near the target a shape can come. */
export function ffnSizes(ffn: number, multiple?: number): readonly number[] {
  const [step] = ffnSteps.find(([, least]) => ffn >= least) ?? [1];
  return multiplesUpTo(ffn, multiple ?? step);
}

const ffnSteps: readonly (readonly [step: number, least: number])[] = [
  [256, 8192],
  [128, 4096],
  [64, 1024],
  [4, 256],
  [2, 128],
];

/** Multiples below a size, and the size itself; ascending. */
export function multiplesUpTo(size: number, step: number): readonly number[] {
  const below = Math.ceil(size / step) - 1;
  return [...Array.from({ length: below }, (_, index) => (index + 1) * step), size];
}

function dividedWidths(model: ModelShape, step: number): readonly Width[] {
  const { sizes } = model.architecture;
  const counts = Array.from({ length: sizes.heads / sizes.kvHeads }, (_, index) => sizes.heads - index * sizes.kvHeads);
  return multiplesUpTo(sizes.hidden, step).flatMap((hidden) => {
    const heads = counts.find((own) => loads(model, { hidden, heads: own }));
    return heads === undefined ? [] : [{ hidden, heads }];
  });
}

function narrowWidths(model: ModelShape, step: number): readonly Width[] {
  const { hidden, heads } = model.architecture.sizes;
  const below = multiplesUpTo(hidden, step).map((size) => {
    let own = size;
    while (own > 0 && !loads(model, { hidden: own, heads })) own--;
    return own;
  });
  return [...new Set(below)].filter((size) => size > 0).map((size) => ({ hidden: size, heads }));
}

function loads({ architecture, family }: ModelShape, width: Width): boolean {
  return family.problem?.({ ...architecture, sizes: { ...architecture.sizes, ...width } }) === undefined;
}
