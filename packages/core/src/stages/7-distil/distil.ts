// Stage 7: the pruned student learns again, from the teacher or from text.
import type { Model } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';
import { trainModel, type TrainingRecord, type TrainOptions } from './train-model.js';

/** Trains the student; the teacher is loaded only when a loss term compares with it. */
export function distil<State extends { readonly teacher: Model; readonly student: Model }>(
  options: TrainOptions,
): Stage<State, State & { readonly training: TrainingRecord }> {
  return stage('distil', async (state: State, context, tools) => {
    const needsTeacher = options.losses.some(({ term }) => term.needsTeacher);
    const teacher = needsTeacher ? state.teacher : undefined;
    const { model, record } = await trainModel(state.student, teacher, options, context, tools);
    return { ...state, student: model, training: record };
  });
}
