// Everything that fixes the training programs.
import type { ModelShape } from '../../model/index.js';
import type { LayerMapping } from './layer-mapping.js';
import type { LossBalancer } from './loss-balancer.js';
import { hiddenStates, type DataLoss, type StateName, type WeightedLoss } from './loss-term.js';
import type { LossScaling, Precision } from './loss-scaling.js';
import type { Optimizer } from './optimizer.js';

/** What a training program is made of. */
export interface TrainStepOptions {
  /** The model that learns. */
  readonly student: ModelShape;
  /** Needed when a loss term compares with a teacher. */
  readonly teacher?: ModelShape;
  /** Terms with their weights. */
  readonly losses: readonly WeightedLoss[];
  /** How the terms become one number; the weighted sum when not given. */
  readonly balancer?: LossBalancer;
  /** Which layers are compared; by their share of the depth when not given. */
  readonly mapping?: LayerMapping;
  /** Updates the student's weights, and the projection between widths. */
  readonly optimizer: Optimizer;
  /** Gradients are scaled down to this global L2 norm; 0 turns clipping off. */
  readonly clipNorm: number;
  /** What products are computed in, `float32` when not given; `float16` gains speed and memory on GPUs that have it. */
  readonly precision?: Precision;
  /** How float16 gradients are kept in range. */
  readonly lossScaling?: LossScaling;
  /** Whether the layers are computed a second time in the backward pass, so that only what enters each is kept; they are not when not given. */
  readonly recompute?: boolean;
  /**
   * Rows of a batch whose logits there are at a time; when not given all, or so many that they take 64 MiB where all would take
   * more than 128. In float16 there are always all.
   */
  readonly logitRows?: number;
  /** Sequences in a batch. */
  readonly batch: number;
  /** Tokens in a sequence that predict something. */
  readonly length: number;
  /**
   * Whether a token sees the documents before its own in a packed sequence, as both models did in most pretraining; it does when
   * not given. Where it does not, the program reads the input `documents` `[B, T]`.
   */
  readonly crossDocumentAttention?: boolean;
  /** The teacher takes a step of its own in the same run; the student learns from the teacher as it was before the step. */
  readonly correction?: {
    /** Terms with their weights, summed; none needs a teacher. */
    readonly losses: readonly WeightedLoss<DataLoss>[];
    /** Updates the teacher's weights. */
    readonly optimizer: Optimizer;
    /** The teacher's gradients are scaled down to this global L2 norm; 0 turns clipping off. */
    readonly clipNorm: number;
  };
}

/** States that a list of losses compares. */
export function neededStates(losses: readonly WeightedLoss[]): ReadonlySet<StateName> {
  return new Set(losses.flatMap(({ term }) => (term.needsTeacher ? (term.needs ?? []) : [])));
}

/** Whether the student's states must be brought to the teacher's width. */
export function needsProjection(student: ModelShape, teacher: ModelShape, losses: readonly WeightedLoss[]): boolean {
  if (student.architecture.sizes.hidden === teacher.architecture.sizes.hidden) return false;
  const needed = neededStates(losses);
  return hiddenStates.some((name) => needed.has(name));
}
