// Stage 2: the unpruned teacher learns the text of the distillation first, so that it does not teach from another distribution.
// How a model is trained is stage 7's to say.
import type { Model } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';
import {
  trainModel,
  type DataLoss,
  type TrainingRecord,
  type TrainOptions,
  type WeightedLoss,
} from '../7-distil/index.js';

/**
 * What Sreenivas et al. 2024 (section 2) corrected their teachers with: a fifth of the original peak learning rate, the same batch,
 * minimum and decay, 120 steps of warm-up in a run of about 100 billion tokens.
 */
export const correctionDefaults = {
  /** Peak learning rate: as a share of the original one in the paper, of `peakRate` in a compression step. */
  shareOfPeakRate: 1 / 5,
  /** Steps until the peak. */
  warmupSteps: 120,
} as const;

/** A training whose losses need no teacher: cross-entropy, in the paper. */
export interface CorrectionOptions extends Omit<TrainOptions, 'losses' | 'balancer' | 'mapping' | 'correction'> {
  /** Terms with their weights; none needs a teacher. */
  readonly losses: readonly WeightedLoss<DataLoss>[];
}

/** What the stage adds. */
export interface Corrected {
  /** The teacher as it came in. */
  readonly original: Model;
  /** How its training went. */
  readonly correction: TrainingRecord;
}

/**
 * Puts the corrected model in the teacher's place. Before calibration, what is pruned is the corrected model; after `prune`,
 * the student comes of the original and learns from the corrected one, which the paper found as good (Sreenivas et al. 2024,
 * figure 5). To correct while distilling, give `distil` a `correction` instead of this stage. Throws as `trainModel`.
 */
export function correctTeacher<
  State extends {
    /** What is trained. */
    readonly teacher: Model;
  },
>(options: CorrectionOptions): Stage<State, State & Corrected> {
  return stage('correct', async (state: State, context, tools) => {
    const { model, record } = await trainModel(state.teacher, undefined, options, context, tools);
    return { ...state, original: state.teacher, teacher: model, correction: record };
  });
}
