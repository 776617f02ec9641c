// Scores in short, for events and reports: enough to draw, small whatever the model's size. Choosing works on the whole scores.
import type { Scores } from './importance-scorer.js';
import { at } from '../../look-up.js';

/** Longest list that is kept as it is; longer ones are thinned. */
export const PROFILE_POINTS = 64;

/**
 * One axis: `values` are the scores by index where there are at most 64 of them (`order` is `index`); otherwise 64 of them, from
 * the highest to the lowest at equal distances of rank (`order` is `rank`). Axes that every layer has on its own have a list per
 * layer.
 */
export type AxisProfile = {
  readonly order: 'index' | 'rank';
  /** Scores per list before thinning. */
  readonly count: number;
  readonly values: readonly number[] | readonly (readonly number[])[];
};

/** The scored axes, by name. */
export type ScoreProfile = Readonly<Record<string, AxisProfile>>;

/** The profile of scores, each number with four digits. */
export function scoreProfile(scores: Partial<Scores>): ScoreProfile {
  return Object.fromEntries(
    Object.entries(scores).map(([axis, values]): readonly [string, AxisProfile] => {
      const lists: readonly (readonly number[])[] = isPerLayer(values) ? values : [values];
      const count = Math.max(0, ...lists.map((list) => list.length));
      const order = count > PROFILE_POINTS ? 'rank' : 'index';
      const short = (list: readonly number[]): readonly number[] =>
        (order === 'rank' ? byRank(list) : list).map(fourDigits);
      return [axis, { order, count, values: isPerLayer(values) ? values.map(short) : short(values) }];
    }),
  );
}

function isPerLayer(
  values: readonly number[] | readonly (readonly number[])[],
): values is readonly (readonly number[])[] {
  return Array.isArray(values[0]);
}

function byRank(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => b - a);
  return Array.from({ length: PROFILE_POINTS }, (_, point) =>
    at(sorted, Math.round((point * (sorted.length - 1)) / (PROFILE_POINTS - 1))),
  );
}

function fourDigits(value: number): number {
  return Number(value.toPrecision(4));
}
