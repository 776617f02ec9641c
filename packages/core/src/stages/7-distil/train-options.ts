// What a training run is asked for, and what it says about itself afterwards.
import type { TokenBatches } from '../../data/index.js';
import type { Model } from '../../model/index.js';
import type { CheckpointOptions } from './checkpoint.js';
import type { WeightedLoss } from './loss-term.js';
import type { Schedule } from './optimizer.js';
import type { StopRule } from './stop-rule.js';
import type { TrainStepOptions } from './step-options.js';

/** How a student is trained, on what, and for how long: steps (a batch is a micro-batch, when several make a step), and what feeds them. */
export interface TrainOptions extends Omit<TrainStepOptions, 'student' | 'teacher' | 'clipNorm' | 'correction'> {
  /** Learning rate by step. */
  readonly schedule: Schedule;
  /** Gradients are scaled down to this global L2 norm, 1 when not given; 0 turns clipping off. */
  readonly clipNorm?: number;
  /** Training tokens in all; rounded up to whole steps. */
  readonly tokens: number;
  /**
   * Micro-batches per step; 1 when not given. The step's gradient, and every loss reported of it, is the mean over all their rows.
   * A step in which no row counts is passed over.
   */
  readonly accumulate?: number;
  /**
   * Bytes that the process may take: `recompute` and `logitRows`, where not given, are chosen for it, and a training that cannot keep
   * to it is refused. Not looked at when not given.
   */
  readonly memory?: number;
  /** Batches `[batch, length]`, as many as the tokens take. */
  readonly data: TokenBatches;
  /** The teacher learns the same text in the same run of each step ("continuously corrected", Sreenivas et al. 2024, figure 5). */
  readonly correction?: Pick<TrainOptions, 'schedule' | 'clipNorm'> &
    Omit<NonNullable<TrainStepOptions['correction']>, 'clipNorm'>;
  /** Measures losses meanwhile; nothing is measured when not given. */
  readonly evaluation?: EvaluationOptions;
  /**
   * Ends the training before its tokens are used up; it takes them all when not given. A training that it ends gives the weights of
   * the least `validation/loss` where `evaluation` measures it, else the last ones.
   */
  readonly stop?: StopRule;
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
