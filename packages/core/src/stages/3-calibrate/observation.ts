// What a statistic is: a place in the model, and what is kept of each sequence there. How often it is evaluated, and what
// becomes of the sums, is left to the calibration and to the scorers.
import type { Tensor } from '../../graph/index.js';
import type { TapName } from '../../model/index.js';

type Float = Tensor<'float32'>;

/** Gives what flows through a place in the model: `[N, …]`, where N = B·T rows. */
export interface TapReader {
  /** What flows through the place; `layer` (0-based) where every layer has one. Throws `GraphError` where the model has no such place. */
  (name: TapName, layer?: number): Float;
  /**
   * ∂L/∂x of the same shape, where L is each sequence's own loss: the mean cross-entropy of its valid tokens. Asking for one
   * makes the calibration run the model backwards as well.
   */
  gradient(name: TapName, layer?: number): Float;
}

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
 * A statistic with one row per sequence; calibration adds the rows of each fold of the sample, so that it keeps `[folds, size]`
 * numbers and never an activation. Tokens of weight 0 must not enter it, and the row of a sequence without valid tokens is
 * left out.
 */
export interface Observation {
  /** What is measured, and where: `ffnActivation/3/mean`. Equal keys must measure equal things; they are then kept once. */
  readonly key: string;
  /** Numbers per sequence. */
  readonly size: number;
  /** What one batch gives: `[B, size]`. */
  observe(tap: TapReader, rows: ObservedRows): Float;
}
