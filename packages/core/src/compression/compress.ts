// Several steps as one pipeline: each distilled model is the next step's source. All stages report into one stream, their names
// led by the step's.
import { modelParameters } from '../cost/index.js';
import type { TokenBatches } from '../data/index.js';
import type { Architecture, Model, PrunePlan } from '../model/index.js';
import { adapt, Pipeline, type Stage, type StageContext } from '../pipeline/index.js';
import { calibrate, type Statistics } from '../stages/3-calibrate/index.js';
import { score, type Scores } from '../stages/4-score/index.js';
import { searchWith, type SearchOptions, type Trial, type TrialStore } from '../stages/5-search/index.js';
import { prune } from '../stages/6-prune/index.js';
import { distil, type TrainingRecord, type TrainOptions } from '../stages/7-distil/index.js';
import type { ResolvedStep } from './resolve-step.js';
import type { CompressionStep } from './step-schema.js';

/** What a step was and what came of it. */
export interface FinishedStep {
  readonly name: string;
  readonly before: Architecture;
  readonly after: Architecture;
  readonly plan: PrunePlan;
  readonly training: TrainingRecord;
}

/** Between steps: the first model of all, the one that the next step cuts, and what is behind. */
export interface CompressionState {
  readonly original: Model;
  readonly source: Model;
  readonly finished: readonly FinishedStep[];
}

/** Text for a step, anew at each call, in batches of the sizes that the step asks for. */
export interface StepText {
  calibration(step: ResolvedStep, source: Model): TokenBatches;
  training(step: ResolvedStep, source: Model): TokenBatches;
  /** Some batches of text that is not trained on, of the size of the training batches; needed by a search that trains. */
  validation?(step: ResolvedStep, source: Model): TokenBatches;
}

export interface CompressOptions extends SearchOptions {
  /** Keeps the trials of a step's candidates between runs. */
  trials?(step: ResolvedStep): TrialStore;
}

/** Training tokens of a student. */
export function trainingTokens({ step }: ResolvedStep, student: Pick<Model, 'family' | 'architecture'>): number {
  const { tokens, tokensPerParameter } = step.distillation;
  return tokens ?? Math.ceil(tokensPerParameter * modelParameters(student).parameters);
}

/** The pipeline of all steps; its value at the end has the last student as `source`. */
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

/** Adds the stages of one step: calibrate, score, search, prune, distil. */
export function addStep(
  pipeline: Pipeline<CompressionState>,
  own: ResolvedStep,
  text: StepText,
  options: CompressOptions = {},
): Pipeline<CompressionState> {
  const { step, scorers, pruner } = own;
  const { samples, batch, length } = step.importance;
  // Random choices of a step do not depend on the steps before it.
  const context = (run: StageContext): StageContext => ({ ...run, random: run.random.fork(own.name) });
  const fit = (name: string) => ({ name: `${own.name}/${name}`, context });
  const named = <In, Out>(stage: Stage<In, Out>): Stage<In, Out> =>
    adapt(() => stage, { ...fit(stage.stageName), into: (value: In) => value, outOf: (_value, result: Out) => result });
  return pipeline.pipe(
    adapt(
      ({ source }: CompressionState) =>
        calibrate<{ readonly teacher: Model }>({
          scorers,
          samples,
          batch,
          length,
          data: text.calibration(own, source),
        }),
      {
        ...fit('calibrate'),
        into: ({ source }) => ({ teacher: source }),
        outOf: (before, { teacher, statistics }): Calibrated => ({ ...before, teacher, statistics }),
      },
    ),
    named(score<Calibrated>(scorers)),
    named(searchWith<Scored>(own.search, own.target, (state) => trialOf(own, state, text, options), options)),
    named(prune<Shaped>(pruner)),
    adapt((state) => distil<Trainees>(trainOptions(own, state, text)), {
      ...fit('distil'),
      into: ({ original, source, student }) => ({ teacher: ofChoice(step, original, source), student }),
      outOf: ({ original, source, finished, plan }, { student, training }): CompressionState => {
        const [before, after] = [source.architecture, student.architecture];
        return {
          original,
          source: student,
          finished: [...finished, { name: own.name, before, after, plan, training }],
        };
      },
    }),
  );
}

/** How the candidates of a search are tried: as the distillation that follows, for fewer tokens. */
function trialOf(own: ResolvedStep, state: Scored, text: StepText, options: CompressOptions): Trial | undefined {
  const { original, source, scores } = state;
  const { losses, optimizer, schedule, pruner } = own;
  const { batch, length, accumulate, clipNorm } = own.step.distillation;
  const { validation } = text;
  if (validation === undefined) return undefined;
  return {
    teacher: ofChoice(own.step, original, source),
    pruner,
    scores,
    training: { losses, optimizer, batch, length, accumulate, clipNorm },
    schedule: (hidden) => schedule(hidden),
    text: () => text.training(own, source),
    validation: () => validation(own, source),
    ...(options.trials === undefined ? {} : { store: options.trials(own) }),
  };
}

interface Trainees {
  readonly teacher: Model;
  readonly student: Model;
}

function ofChoice({ distillation }: CompressionStep, original: Model, source: Model): Model {
  return distillation.teacher === 'original' ? original : source;
}

function trainOptions(
  own: ResolvedStep,
  { source, student }: { readonly source: Model; readonly student: Model },
  text: StepText,
): TrainOptions {
  const { batch, length, accumulate, clipNorm } = own.step.distillation;
  return {
    losses: own.losses,
    optimizer: own.optimizer,
    schedule: own.schedule(student.architecture.sizes.hidden),
    tokens: trainingTokens(own, student),
    batch,
    length,
    accumulate,
    clipNorm,
    data: text.training(own, source),
  };
}
