// What is kept of each sequence, and which sums over sequences: six vectors from which all nine aggregations follow.
import {
  sequenceSum,
  statistic,
  type Observation,
  type ObservedRows,
  type Statistics,
  type TapName,
  type TapReader,
} from '@espalier/core';
import { abs, divide, maximum, multiply, sqrt, subtract, sum, type Tensor } from '@espalier/core/graph';

type Float = Tensor<'float32'>;

/** One number per channel and sequence, from the valid tokens alone: mean of |x|, √Σx², or variance (without Bessel's correction). */
export type SequenceMeasure = 'mean' | 'l2' | 'variance';

/** What is added up over sequences: the numbers, or their squares. */
export type BatchSum = 'sum' | 'squares';

/** Values in the model that have moments: a tap, or something computed from one. */
export interface Source {
  /** What and where: `ffnActivation/3`. */
  readonly name: string;
  /** Channels. */
  readonly size: number;
  /** `[N, size]`. */
  read(tap: TapReader): Float;
}

/** A tap of a layer (0-based) as it is. */
export function tapSource(tap: TapName, layer: number, size: number): Source {
  return { name: `${tap}/${layer}`, size, read: (read) => read(tap, layer) };
}

/** Key of a statistic: `ffnActivation/3/mean/squares`. */
export function momentKey(source: Pick<Source, 'name'>, sequence: SequenceMeasure, sums: BatchSum): string {
  return `${source.name}/${sequence}/${sums}`;
}

/** The observation of one moment: a row per sequence `[B, size]`. */
export function moment(source: Source, sequence: SequenceMeasure, sums: BatchSum): Observation {
  const { size, read } = source;
  return {
    key: momentKey(source, sequence, sums),
    size,
    observe(tap, rows) {
      const own = measure(read(tap), sequence, rows);
      return sums === 'sum' ? own : multiply(own, own);
    },
  };
}

/** The sum over the sample, per channel. Throws `InputError` when it was not calibrated. */
export function momentOf(
  statistics: Statistics,
  source: Pick<Source, 'name'>,
  sequence: SequenceMeasure,
  sums: BatchSum,
): Float64Array {
  return statistic(statistics, momentKey(source, sequence, sums));
}

/** `[N, n]` gives `[B, n]`. */
function measure(x: Float, sequence: SequenceMeasure, rows: ObservedRows): Float {
  const { weights } = rows;
  const over = (row: Float, values: Float): Float => sequenceSum(values, { ...rows, weights: row });
  const shares = divide(weights, maximum(sum(weights, [1]), 1)); // 1 / valid tokens where valid, else 0
  switch (sequence) {
    case 'mean':
      return over(shares, abs(x));
    case 'l2':
      return sqrt(over(weights, multiply(x, x)));
    case 'variance': {
      const mean = over(shares, x);
      return maximum(subtract(over(shares, multiply(x, x)), multiply(mean, mean)), 0);
    }
  }
}
