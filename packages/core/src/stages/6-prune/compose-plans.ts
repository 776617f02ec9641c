// One plan for several in a row.
import { InputError } from '../../errors.js';
import type { PrunePlan } from '../../model/index.js';

/**
 * The plan that does at once what `first` and then, in the numbers of the model it leaves, `second` do. Throws `InputError` when
 * `first` merges heads: a head merged twice is no longer a pair.
 */
export function composePlans(first: PrunePlan, second: PrunePlan): PrunePlan {
  const through = (kept: readonly number[] | undefined, next: readonly number[]): readonly number[] =>
    next.map((index) => kept?.[index] ?? NaN);
  const perLayer = (axis: 'ffn' | 'heads' | 'kvHeads'): readonly (readonly number[])[] =>
    second.layers.map((layer, index) => through(first[axis][layer], second[axis][index] ?? []));
  if (first.mergedHeads?.some((merges) => merges.length > 0) === true) {
    throw new InputError({
      asked: 'merge dropped heads in several rounds',
      found: 'heads that took up a dropped one would have to take up another',
      fix: 'Estimate in one round, or turn mergeHeads off',
    });
  }
  const layers = through(first.layers, second.layers);
  const lost = (before: readonly number[] = [], after: readonly number[] = []): readonly number[] => {
    const all = [...before, ...through(first.layers, after)];
    return layers.filter((layer) => all.includes(layer));
  };
  const withoutAttention = lost(first.withoutAttention, second.withoutAttention);
  const withoutFeedForward = lost(first.withoutFeedForward, second.withoutFeedForward);
  const mergedHeads = second.mergedHeads?.map((merges, index) => {
    const number = (head: number): number => first.heads[second.layers[index] ?? NaN]?.[head] ?? NaN;
    return merges.map(({ into, from }) => ({ into: number(into), from: number(from) }));
  });
  return {
    layers,
    hidden: through(first.hidden, second.hidden),
    ffn: perLayer('ffn'),
    heads: perLayer('heads'),
    kvHeads: perLayer('kvHeads'),
    ...(withoutAttention.length === 0 ? {} : { withoutAttention }),
    ...(withoutFeedForward.length === 0 ? {} : { withoutFeedForward }),
    ...(mergedHeads === undefined ? {} : { mergedHeads }),
  };
}
