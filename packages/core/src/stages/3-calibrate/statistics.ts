// What calibration gives to the scorers: sums over the sample, as plain data.
import { InternalError } from '../../errors.js';

export interface Statistics {
  /** Sequences with at least one valid token. */
  readonly samples: number;
  /** Valid tokens. */
  readonly tokens: number;
  /** Sum over all batches by the key of the observation, row-major. */
  readonly values: Readonly<Record<string, Float32Array>>;
}

/** The sum of one observation. Throws `InternalError` when it was not part of the calibration. */
export function statistic({ values }: Statistics, key: string): Float32Array {
  const own = values[key];
  if (own === undefined) throw new InternalError(`no statistic "${key}"; was its scorer part of the calibration?`);
  return own;
}
