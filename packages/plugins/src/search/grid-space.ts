// The shapes of a grid: every combination of the sizes allowed on each axis that pruning can reach.
import { InputError, type Architecture } from '@espalier/core';
import { z } from 'zod';
import { multipleOf, WIDE } from './widths.js';

const sizes = z.array(z.int().positive()).min(1);

/** Sizes to try on each axis; those not given follow from the model (`defaultChoices`). */
export const gridAxes = z.strictObject({
  layers: sizes.exactOptional().describe('numbers of layers to try'),
  hidden: sizes.exactOptional().describe('hidden sizes to try'),
  ffn: sizes.exactOptional().describe('feed-forward sizes to try'),
  expansion: z
    .array(z.number().positive())
    .min(1)
    .exactOptional()
    .describe('feed-forward sizes as multiples of the hidden size, in place of `ffn`'),
  heads: sizes.exactOptional().describe('numbers of query heads to try'),
  kvHeads: sizes.exactOptional().describe('numbers of key/value heads to try'),
  multipleOf,
});

/** Sizes to try on each axis. */
export type GridAxes = z.infer<typeof gridAxes>;

/** More shapes than this are refused before they are counted. */
const MOST_SHAPES = 200_000;

/** How many of the smallest choices are left out. NVIDIA's automatic mode leaves out 0.6 of the widths: too many to reach half of a small model. */
const LEFT_OUT = { width: 0.5, layers: 0.8 };

/**
 * The choices of NVIDIA Model-Optimizer's automatic mode: multiples of 256 (hidden), 512 (ffn), 2 (layers) and of the key/value
 * heads, with the model's own size, the smallest of them left out. Where a model is so small that an axis would have fewer than
 * 16 such steps, the step is the power of two that gives it 16 to 32, 64 at least from 512 on and else 4; fewer than 16 layers go one by one.
 * `multiple` takes the place of both steps of widths.
 */
export function defaultChoices(
  { layers, sizes: own }: Architecture,
  multiple?: number,
): Required<Omit<GridAxes, 'expansion' | 'multipleOf'>> {
  const step = (size: number, most: number): number =>
    multiple ?? Math.max(size < WIDE ? 4 : 64, Math.min(most, 2 ** Math.floor(Math.log2(size / 16))));
  const kept = (size: number, by: number, share: number): number[] => {
    const choices = [
      ...new Set([...Array.from({ length: Math.floor(size / by) }, (_, index) => (index + 1) * by), size]),
    ];
    return choices.slice(Math.floor(share * choices.length));
  };
  return {
    layers: kept(layers, layers < 16 ? 1 : 2, LEFT_OUT.layers),
    hidden: kept(own.hidden, step(own.hidden, 256), LEFT_OUT.width),
    ffn: kept(own.ffn, step(own.ffn, 512), LEFT_OUT.width),
    heads: kept(own.heads, own.kvHeads, LEFT_OUT.width),
    kvHeads: [own.kvHeads],
  };
}

/** Every combination that is no larger than the model and whose heads divide into their groups; largest sizes first. */
export function gridShapes(
  architecture: Architecture,
  { multipleOf: multiple, ...axes }: GridAxes,
): readonly Architecture[] {
  const given = { ...defaultChoices(architecture, multiple), ...axes };
  const whole = (size: number): number => Math.max(1, Math.round(size / (multiple ?? 1))) * (multiple ?? 1);
  const descending = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => b - a);
  const ffnOf = (hidden: number): readonly number[] =>
    descending(axes.expansion === undefined ? given.ffn : axes.expansion.map((factor) => whole(factor * hidden)));
  checkChoices(architecture, given);
  const shapes = descending(given.layers).flatMap((layers) =>
    descending(given.heads).flatMap((heads) =>
      descending(given.kvHeads).flatMap((kvHeads) =>
        descending(given.hidden).flatMap((hidden) =>
          ffnOf(hidden).map((ffn) => ({
            ...architecture,
            layers,
            sizes: { ...architecture.sizes, hidden, ffn, heads, kvHeads },
          })),
        ),
      ),
    ),
  );
  const reachable = shapes.filter(({ sizes: own }) => isReachable(architecture.sizes, own));
  if (reachable.length > 0) return reachable;
  throw new InputError({
    asked: 'search a grid of shapes',
    found: 'no combination of its sizes can be pruned to',
    fix: `Give heads that are multiples of the kvHeads, and ffn up to ${architecture.sizes.ffn}`,
  });
}

function isReachable(before: Architecture['sizes'], after: Architecture['sizes']): boolean {
  return (
    after.ffn <= before.ffn &&
    after.heads % after.kvHeads === 0 &&
    after.heads <= after.kvHeads * (before.heads / before.kvHeads)
  );
}

/** Throws `InputError` for a size that the model does not have, and for more combinations than can be looked through. */
function checkChoices({ layers, sizes: own }: Architecture, axes: GridAxes): void {
  const most = {
    layers,
    hidden: own.hidden,
    heads: own.heads,
    kvHeads: own.kvHeads,
    ...(axes.expansion ? {} : { ffn: own.ffn }),
  };
  for (const [axis, limit] of Object.entries(most)) {
    const larger = axes[axis as keyof typeof most]?.find((size) => size > limit);
    if (larger === undefined) continue;
    const found = `the model has ${axis} ${limit}`;
    throw new InputError({ asked: `search a grid with ${axis} ${larger}`, found, fix: `Give 1 to ${limit}` });
  }
  const count = [axes.layers, axes.hidden, axes.heads, axes.kvHeads, axes.expansion ?? axes.ffn].reduce(
    (product, choices = []) => product * choices.length,
    1,
  );
  if (count <= MOST_SHAPES) return;
  const found = `its axes give ${count.toLocaleString('en-GB')} shapes`;
  throw new InputError({ asked: 'search a grid of shapes', found, fix: 'Give fewer sizes on some axis' });
}
