// Everything that fixes the training programs.
import type { Architecture, ModelShape } from '../../model/index.js';
import type { LayerMapping } from './layer-mapping.js';
import type { LossBalancer } from './loss-balancer.js';
import { hiddenStates, type DataLoss, type StateName, type WeightedLoss } from './loss-term.js';
import type { LossScaling, Precision } from './loss-scaling.js';
import type { Optimizer } from './optimizer.js';

/** A state of the teacher that a cache holds. */
export interface CachedState {
  /** Which state. */
  readonly name: StateName;
  /** 0-based; absent for `embedding`. */
  readonly layer?: number;
}

/** A teacher whose largest logits (and states) are fed with each batch; its weights are not needed. */
export interface CachedTeacherShape {
  /** Shape of the teacher. */
  readonly architecture: Architecture;
  /** Logits kept of each row. */
  readonly topK: number;
  /** Rows of the vocabulary that the logits were chosen from. */
  readonly vocabulary: number;
  /** States kept beside the logits. */
  readonly states: readonly CachedState[];
}

/** Where the teacher's part of a loss comes from: its weights, or a cache. */
export type TeacherShape = ModelShape | CachedTeacherShape;

/** Whether the teacher is a cache. */
export function isCached(teacher: TeacherShape): teacher is CachedTeacherShape {
  return 'topK' in teacher;
}

/** What a training program is made of. */
export interface TrainStepOptions {
  /** The model that learns. */
  readonly student: ModelShape;
  /** Needed when a loss term compares with a teacher. */
  readonly teacher?: TeacherShape;
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
  /** Sequences in a batch. */
  readonly batch: number;
  /** Tokens in a sequence that predict something. */
  readonly length: number;
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
export function needsProjection(student: ModelShape, teacher: TeacherShape, losses: readonly WeightedLoss[]): boolean {
  if (student.architecture.sizes.hidden === teacher.architecture.sizes.hidden) return false;
  const needed = neededStates(losses);
  return hiddenStates.some((name) => needed.has(name));
}
