// What a loss term is: a graph function of what the models say about a batch.
import type { Tensor } from '../../graph/index.js';

type Float = Tensor<'float32'>;

/** What a loss may look at in one model. */
export interface ModelOutputs {
  /** `[N, V]` */
  readonly logits: Float;
}

/** The N = B·T rows of a batch. */
export interface BatchRows {
  /** Token that follows each row: `int32 [N]`. */
  readonly targets: Tensor<'int32'>;
  /** 1 for rows that count, 0 for padding and prompt: `[N]`. */
  readonly weights: Float;
}

interface Described {
  readonly name: string;
  /** One line for people: formula and direction. */
  readonly summary: string;
}

/** A loss that compares student and teacher. */
export interface DistillationLoss extends Described {
  readonly needsTeacher: true;
  /** A scalar: mean over the rows' weights. */
  loss(student: ModelOutputs, teacher: ModelOutputs, batch: BatchRows): Float;
}

/** A loss that needs no teacher. */
export interface DataLoss extends Described {
  readonly needsTeacher: false;
  /** A scalar: mean over the rows' weights. */
  loss(student: ModelOutputs, batch: BatchRows): Float;
}

export type LossTerm = DistillationLoss | DataLoss;

/** A term and its factor in the total. */
export interface WeightedLoss {
  readonly term: LossTerm;
  readonly weight: number;
}
