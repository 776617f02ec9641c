// What calibration gives to the scorers: sums over the sample, fold by fold, as plain data.
import { InputError } from '../../errors.js';
import { ownValue } from '../../own-value.js';

/** How much of the sample a fold holds. */
export interface FoldCount {
  /** Sequences with at least one valid token. */
  readonly samples: number;
  /** Valid tokens. */
  readonly tokens: number;
}

/** What a calibration found: sums over the sample, fold by fold. Plain data that `writeStatistics` keeps. */
export interface Statistics extends FoldCount {
  /** Digest of the model they were taken from (`modelHash`); absent where nothing was observed, so that none was run. */
  readonly model?: string;
  /** The parts of the sample that are kept apart; sequence i of the sample is in fold i mod the number of folds. */
  readonly folds: readonly FoldCount[];
  /** By the key of the observation: sums over the sequences of each fold, `[folds, size]`, row-major. */
  readonly sums: Readonly<Record<string, Float32Array>>;
}

/** The sums of one observation over the whole sample, `[size]`. Throws `InputError` when it was not part of the calibration. */
export function statistic({ sums, folds }: Statistics, key: string): Float64Array {
  const own = ownValue(sums, key);
  if (own === undefined) {
    throw new InputError({
      asked: `score with the statistic "${key}"`,
      found: `it is not among the ${Object.keys(sums).length} that were calibrated`,
      fix: 'Calibrate with this scorer and these options, or use those that the statistics were made for',
    });
  }
  const size = folds.length === 0 ? 0 : own.length / folds.length;
  const total = new Float64Array(size);
  own.forEach((value, index) => (total[index % size]! += value));
  return total;
}

/** The statistics of the sample without one of its folds (0-based): what the jackknife looks at. Throws `RangeError` for a fold that is not there. */
export function withoutFold(statistics: Statistics, fold: number): Statistics {
  const { folds, samples, tokens } = statistics;
  const gone = folds[fold];
  if (gone === undefined) throw new RangeError(`there is no fold ${fold} (0-based), there are ${folds.length}`);
  const sums = Object.entries(statistics.sums).map(([key, own]): [string, Float32Array] => {
    const size = own.length / folds.length;
    return [key, own.filter((_, index) => Math.floor(index / size) !== fold)];
  });
  return {
    ...statistics,
    folds: folds.filter((_, index) => index !== fold),
    samples: samples - gone.samples,
    tokens: tokens - gone.tokens,
    sums: Object.fromEntries(sums),
  };
}
