// One plan for several in a row.
import type { PrunePlan } from '../../model/index.js';

/** The plan that does at once what `first` and then, in the numbers of the model it leaves, `second` do. */
export function composePlans(first: PrunePlan, second: PrunePlan): PrunePlan {
  const through = (kept: readonly number[] | undefined, next: readonly number[]): readonly number[] =>
    next.map((index) => kept?.[index] ?? NaN);
  const perLayer = (axis: 'ffn' | 'heads' | 'kvHeads'): readonly (readonly number[])[] =>
    second.layers.map((layer, index) => through(first[axis][layer], second[axis][index] ?? []));
  return {
    layers: through(first.layers, second.layers),
    hidden: through(first.hidden, second.hidden),
    ffn: perLayer('ffn'),
    heads: perLayer('heads'),
    kvHeads: perLayer('kvHeads'),
  };
}
