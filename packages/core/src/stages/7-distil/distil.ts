// Stage 7: the pruned student learns again, from the teacher or from text.
import type { Model } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';
import { trainModel } from './train-model.js';
import type { TrainingRecord, TrainOptions } from './train-options.js';

/**
 * Trains the student; the teacher is loaded only when a loss term compares with it or it is corrected. A teacher that
 * was corrected meanwhile takes the place of the one that came in. Throws as `trainModel`.
 */
export function distil<
  State extends {
    /** The model to learn from. */
    readonly teacher: Model;
    /** The model that learns; its trained weights take its place. */
    readonly student: Model;
  },
>(
  options: TrainOptions,
): Stage<
  State,
  State & {
    /** How it went. */
    readonly training: TrainingRecord;
  }
> {
  return stage('distil', async (state: State, context, tools) => {
    const needsTeacher = options.correction !== undefined || options.losses.some(({ term }) => term.needsTeacher);
    const teacher = needsTeacher ? state.teacher : undefined;
    const trained = await trainModel(state.student, teacher, options, context, tools);
    const { model, record } = trained;
    return { ...state, student: model, teacher: trained.teacher ?? state.teacher, training: record };
  });
}
