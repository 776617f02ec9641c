// One plan for several in a row.
import { InputError } from '../../errors.js';
import type { PrunePlan } from '../../model/index.js';
import { at } from '../../look-up.js';

/**
 * The plan that does at once what `first` and then, in the numbers of the model it leaves, `second` do. Throws `InputError` when
 * `first` merges heads: a head merged twice is no longer a pair.
 */
export function composePlans(first: PrunePlan, second: PrunePlan): PrunePlan {
  const through = (kept: readonly number[], next: readonly number[]): readonly number[] =>
    next.map((index) => at(kept, index));
  const perLayer = (axis: 'ffn' | 'heads' | 'kvHeads'): readonly (readonly number[])[] =>
    second.layers.map((layer, index) => through(at(first[axis], layer), at(second[axis], index)));
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
    const heads = at(first.heads, at(second.layers, index));
    return merges.map(({ into, from }) => ({ into: at(heads, into), from: at(heads, from) }));
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
