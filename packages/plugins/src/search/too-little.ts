// What is said of a budget that no shape of a search meets: the least that is met, and the other way where that leads further.
import { at, InputError, type Architecture, type Budget, type ModelShape } from '@espalier/core';
import { ffnSizes, hiddenWidths } from './widths.js';

/** The smallest shape that searching widths can come to. */
export function narrowestShape(model: ModelShape, multiple?: number): Architecture {
  const { architecture } = model;
  const [width, ffn] = [at(hiddenWidths(model, multiple), 0), at(ffnSizes(architecture.sizes.ffn, multiple), 0)];
  return { ...architecture, sizes: { ...architecture.sizes, ...width, ffn } };
}

/** The error of a search by width or depth whose smallest shape is above the budget. It names the other way only where that meets the budget. */
export function tooLittle(
  by: 'width' | 'depth',
  { most, cost, describe, meant }: Budget,
  smallest: Architecture,
  otherSmallest: Architecture,
): InputError {
  const { sizes } = smallest;
  const other = by === 'width' ? 'depth' : 'width';
  const ways = [
    ...(meant === undefined ? [] : [`write ${meant} for a share`]),
    `give at least ${describe(cost(smallest))}`,
    ...(cost(otherSmallest) <= most
      ? [`prune by ${other} alone (--method ${other} --no-compare; in a recipe pruner: ${other})`]
      : []),
  ].join(', or ');
  return new InputError({
    asked: `prune to ${describe(most)} by ${by}`,
    found:
      by === 'depth'
        ? 'the embeddings and one layer have more'
        : `the narrowest shape, hidden ${sizes.hidden} and ffn ${sizes.ffn}, has more`,
    fix: `${ways.charAt(0).toUpperCase()}${ways.slice(1)}`,
  });
}
