// Several steps as one pipeline: each distilled model is the next step's source. All stages report into one stream, their names
// led by the step's.
import {
  adapt,
  calibrate,
  checkRanking,
  correctTeacher,
  distil,
  InputError,
  Pipeline,
  prune,
  pruneIteratively,
  score,
  scoreDepthOfTarget,
  searchWith,
  type Architecture,
  type DepthMetric,
  type Model,
  type PrunePlan,
  type Scores,
  type SearchOptions,
  type Stage,
  type StageContext,
  type Statistics,
  type SizedBatches,
  type TrainingRecord,
  type Trial,
  type TrialStore,
} from '@espalier/core';
import type { ResolvedStep } from './resolve-step.js';
import type { CompressionStep } from './step-schema.js';
import { correctionOptions, distillationOptions, stepTraining } from './step-training.js';

/** What a step was and what came of it. */
export interface FinishedStep {
  /** Name of the step, unique in the run. */
  readonly name: string;
  /** Shape of the source. */
  readonly before: Architecture;
  /** Shape of the student. */
  readonly after: Architecture;
  /** What was kept, in the numbers of the source. */
  readonly plan: PrunePlan;
  /** How the distillation went. */
  readonly training: TrainingRecord;
}

/** Between steps: the first model of all, the one that the next step cuts, and what is behind. */
export interface CompressionState {
  /** The first model of all; once a step has corrected it, the corrected one. */
  readonly original: Model;
  /** What the next step cuts: the student of the step before, or the first model. */
  readonly source: Model;
  /** The steps behind, in order. */
  readonly finished: readonly FinishedStep[];
}

/** Text for a step, anew at each call, in batches of the sizes that the step asks for. */
export interface StepText {
  /**
   * What importance is estimated on, and rankings are checked on where there is no `validation`: `importance.batch` sequences
   * of `importance.length` tokens.
   */
  calibration(step: ResolvedStep, source: Model): SizedBatches;
  /**
   * What the student, the candidates of a search and the teacher's correction learn from: `distillation.batch` sequences of
   * `distillation.length` tokens.
   */
  training(step: ResolvedStep, source: Model): SizedBatches;
  /**
   * Some batches of text that is not trained on, of the size of the training batches: needed by a search that trains and by
   * `distillation.validateEvery`; rankings are checked on the calibration text where there is none.
   */
  validation?(step: ResolvedStep, source: Model): SizedBatches;
  /** What layers are measured by, with its text: needed by a step with `importance.depth`. */
  depthMetric?(step: ResolvedStep, source: Model): DepthMetric;
}

/** What a compression may do besides: `speed` compares source and student after each search. */
export interface CompressOptions extends SearchOptions {
  /** Keeps the trials of a step's candidates between runs. */
  trials?(step: ResolvedStep): TrialStore;
}

/**
 * The pipeline of all steps, not yet begun; its value at the end has the last student as `source`. It fails as its stages do:
 * with `InputError` for a target out of reach or text that ends early, with `DivergedError` when a training diverges.
 */
export function compress(
  original: Model,
  steps: readonly ResolvedStep[],
  text: StepText,
  context: StageContext,
  { runName = 'compress', ...options }: CompressOptions & { readonly runName?: string } = {},
): Pipeline<CompressionState> {
  const start: CompressionState = { original, source: original, finished: [] };
  return steps.reduce((pipeline, step) => addStep(pipeline, step, text, options), Pipeline.of(start, context, runName));
}

type Calibrated = CompressionState & { readonly teacher: Model; readonly statistics: Statistics };
type Scored = Calibrated & { readonly scores: Partial<Scores> };
type Shaped = Scored & { readonly target: Architecture };
type Pruned = Shaped & { readonly plan: PrunePlan; readonly student: Model };

/**
 * Adds the stages of one step: calibrate, score, search, prune, distil; before them the teacher's correction and, before the
 * cut, the check of the ranking, where the step asks for them. A model corrected before the step takes the place of the one
 * it came of, for later steps too; one that learns while it teaches does so for its step alone. The stages fail as those of
 * `compress`.
 */
export function addStep(
  pipeline: Pipeline<CompressionState>,
  own: ResolvedStep,
  text: StepText,
  options: CompressOptions = {},
): Pipeline<CompressionState> {
  const { step, scorers } = own;
  const { samples } = step.importance;
  // Random choices of a step do not depend on the steps before it.
  const context = (run: StageContext): StageContext => ({ ...run, random: run.random.fork(own.name) });
  const fit = (name: string) => ({ name: `${own.name}/${name}`, context });
  const made = <In, Out>(name: string, make: (state: In) => Stage<In, Out>): Stage<In, Out> =>
    adapt(make, { ...fit(name), into: (value: In) => value, outOf: (_value, result: Out) => result });
  const named = <In, Out>(stage: Stage<In, Out>): Stage<In, Out> => made(stage.stageName, () => stage);
  const taught = ({ original, source }: CompressionState): Taught => ({ teacher: ofChoice(step, original, source) });
  const correction = correctionStage(own, text);
  const corrected =
    correction === undefined
      ? pipeline
      : pipeline.pipe(
          adapt(correction, {
            ...fit('correct'),
            into: taught,
            outOf: (before, { original, teacher }) => ({
              ...before,
              original: before.original === original ? teacher : before.original,
              source: before.source === original ? teacher : before.source,
            }),
          }),
        );
  const searched = corrected.pipe(
    adapt(({ source }) => calibrate<Taught>({ scorers, samples, data: text.calibration(own, source) }), {
      ...fit('calibrate'),
      into: ({ source }) => ({ teacher: source }),
      outOf: (before, { teacher, statistics }): Calibrated => ({ ...before, teacher, statistics }),
    }),
    named(score<Calibrated>(scorers)),
    named(searchWith<Scored>(own.search, own.target, (state) => trialOf(own, state, text, options), options)),
  );
  const measured =
    step.importance.depth === undefined
      ? searched
      : searched.pipe(made('score depth', (state: Shaped) => depthStage(own, state, text)));
  const sound = step.importance.checkRanking
    ? measured.pipe(made('check ranking', (state: Shaped) => rankingStage(own, state, text)))
    : measured;
  return sound.pipe(
    made('prune', (state: Shaped) => pruneStage(own, state, text)),
    adapt(
      (state) =>
        distil<Trainees>(
          distillationOptions(
            own,
            { ...taught(state), student: state.student },
            text.training(own, state.source),
            text.validation === undefined ? undefined : () => text.validation?.(own, state.source) ?? [],
          ),
        ),
      {
        ...fit('distil'),
        into: (state) => ({ ...taught(state), student: state.student }),
        outOf: (state, { student, training }): CompressionState => {
          const { original, source, finished, plan } = state;
          const [before, after] = [source.architecture, student.architecture];
          return {
            original,
            source: student,
            finished: [...finished, { name: own.name, before, after, plan, training }],
          };
        },
      },
    ),
  );
}

/** The teacher's correction before the step, where it is asked for. */
function correctionStage(own: ResolvedStep, text: StepText) {
  if (own.step.distillation.correction?.when !== 'before') return undefined;
  return (state: CompressionState) => {
    const { original, source } = state;
    return correctTeacher<Taught>(
      correctionOptions(own, ofChoice(own.step, original, source), text.training(own, source)),
    );
  };
}

function depthStage(own: ResolvedStep, { source }: Shaped, text: StepText): Stage<Shaped, Shaped> {
  const metric = text.depthMetric?.(own, source);
  if (metric !== undefined) return scoreDepthOfTarget<Shaped>(metric, own.step.importance.depth);
  throw new InputError({
    asked: `measure the layers of step "${own.name}" by leaving them out`,
    found: 'the text of the step has no depthMetric',
    fix: 'Give StepText.depthMetric, or leave importance.depth out',
  });
}

function rankingStage(own: ResolvedStep, { source }: Shaped, text: StepText) {
  const data = text.validation?.(own, source) ?? text.calibration(own, source);
  return checkRanking<Shaped>({ pruner: own.pruner, data });
}

/** One cut by the scores that there are, or several by scores of their own. */
function pruneStage(own: ResolvedStep, { source }: Shaped, text: StepText): Stage<Shaped, Pruned> {
  const { scorers, pruner } = own;
  const { samples, rounds } = own.step.importance;
  if (rounds === 1) return prune<Shaped>(pruner);
  const data = () => text.calibration(own, source);
  return pruneIteratively<Shaped>({ rounds, pruner, scorers, samples, data });
}

/** How the candidates of a search are tried: as the distillation that follows, for fewer tokens. */
function trialOf(own: ResolvedStep, state: Scored, text: StepText, options: CompressOptions): Trial | undefined {
  const { original, source, scores } = state;
  const { schedule, pruner } = own;
  const { validation } = text;
  if (validation === undefined) return undefined;
  return {
    teacher: ofChoice(own.step, original, source),
    pruner,
    scores,
    training: stepTraining(own),
    schedule: (hidden) => schedule(hidden),
    text: () => text.training(own, source),
    validation: () => validation(own, source),
    ...(options.trials === undefined ? {} : { store: options.trials(own) }),
  };
}

interface Taught {
  readonly teacher: Model;
}

interface Trainees extends Taught {
  readonly student: Model;
}

function ofChoice({ distillation }: CompressionStep, original: Model, source: Model): Model {
  return distillation.teacher === 'original' ? original : source;
}
