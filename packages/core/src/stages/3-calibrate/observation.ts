// What a statistic is: a place in the model, and what is kept of a batch there. How often it is evaluated, and what becomes of
// the sums, is left to the calibration and to the scorers.
import type { Shape, Tensor } from '../../graph/index.js';
import type { TapName } from '../../model/index.js';

type Float = Tensor<'float32'>;

/** Gives what flows through a place in the model: `[N, …]`, where N = B·T rows. */
export type TapReader = (name: TapName, layer?: number) => Float;

/** Which rows of a batch count. */
export interface ObservedRows {
  /** 1 where a token counts, 0 for padding: `[B, T]`. */
  readonly weights: Float;
  /** B, sequences. */
  readonly batch: number;
  /** T, tokens per sequence. */
  readonly length: number;
}

/**
 * A statistic that adds up over batches, so that calibration keeps one tensor of this shape and never an activation. Rows of
 * weight 0 must not enter it, and a sequence without valid tokens must add nothing.
 */
export interface Observation {
  /** Unique among all observations of a calibration, e.g. `activation/ffn/3`. */
  readonly key: string;
  readonly shape: Shape;
  /** What one batch adds; of the given shape. */
  observe(tap: TapReader, rows: ObservedRows): Float;
}
