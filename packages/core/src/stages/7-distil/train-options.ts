// What a training run is asked for, and what it says about itself afterwards.
import type { TokenBatches } from '../../data/index.js';
import type { Model } from '../../model/index.js';
import type { CheckpointOptions } from './checkpoint.js';
import type { LayerMapping } from './layer-mapping.js';
import type { LossBalancer } from './loss-balancer.js';
import type { LossScaling, Precision } from './loss-scaling.js';
import type { DataLoss, WeightedLoss } from './loss-term.js';
import type { Optimizer, Schedule } from './optimizer.js';

/** How a model is trained on text, whatever it learns from. */
export interface LearningOptions {
  /** How gradients become updates. */
  readonly optimizer: Optimizer;
  /** Learning rate by step. */
  readonly schedule: Schedule;
  /** Gradients are scaled down to this global L2 norm, 1 when not given; 0 turns clipping off. */
  readonly clipNorm?: number;
}

/** How a student is trained, on what, and for how long. */
export interface TrainOptions extends LearningOptions {
  /** Terms with their weights. */
  readonly losses: readonly WeightedLoss[];
  /** How the terms become one number; their weighted sum when not given. */
  readonly balancer?: LossBalancer;
  /** Which layers are compared; by their share of the depth when not given. */
  readonly mapping?: LayerMapping;
  /** Training tokens in all; rounded up to whole steps. */
  readonly tokens: number;
  /** Sequences in a batch (a micro-batch, when several make a step). */
  readonly batch: number;
  /** Tokens in a sequence. */
  readonly length: number;
  /**
   * Micro-batches per step; 1 when not given. The step's gradient, and every loss reported of it, is the mean over all their rows.
   * A step in which no row counts is passed over.
   */
  readonly accumulate?: number;
  /** What products are computed in, `float32` when not given; `float16` gains speed and memory on GPUs that have it. */
  readonly precision?: Precision;
  /** How float16 gradients are kept in range. */
  readonly lossScaling?: LossScaling;
  /** Batches `[batch, length]`, as many as the tokens take. */
  readonly data: TokenBatches;
  /** The teacher learns the same text in the same run of each step ("continuously corrected", Sreenivas et al. 2024, figure 5). */
  readonly correction?: LearningOptions & {
    /** Terms with their weights, summed; none needs a teacher. */
    readonly losses: readonly WeightedLoss<DataLoss>[];
  };
  /** Measures losses meanwhile; nothing is measured when not given. */
  readonly evaluation?: EvaluationOptions;
  /** Saves the training, or goes on with a saved one; neither when not given. */
  readonly checkpoint?: CheckpointOptions;
}

/** Losses on text that is not trained on, while training: metrics `validation/loss` and `validation/loss/<term>`. */
export interface EvaluationOptions {
  /** After every so many steps, and after the last. */
  readonly every: number;
  /** The same batches at each call, of the training's batch and length. */
  data(): TokenBatches;
  /** What to measure; the losses trained on when not given. */
  readonly losses?: readonly WeightedLoss[];
}

/** What a training run did. */
export interface TrainingRecord {
  /** Steps in all, those before a break included. */
  readonly steps: number;
  /** Training tokens in all: steps · micro-batches · batch · length. */
  readonly tokens: number;
  /** Mean of the last tenth of the steps' losses, as the student minimises them. */
  readonly finalLoss: number;
  /** Tokens per second over the steps run by this process, compilation left out. */
  readonly tokensPerSecond: number;
}

/** What comes out of a training run. */
export interface Trained {
  /** The student with its trained weights, rounded to their storage types. */
  readonly model: Model;
  /** The teacher as its correction left it, where there was one. */
  readonly teacher?: Model;
  /** How it went. */
  readonly record: TrainingRecord;
}
