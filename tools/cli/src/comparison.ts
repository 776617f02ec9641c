// The job behind `compress` and `demo`: one calibration, then for each method pruned, distilled and, for comparison, other
// ways to train the same shape on the same text. Every row of the table is one model.
import {
  calibrate,
  distil,
  evaluate,
  initialise,
  modelParameters,
  Pipeline,
  prune,
  score,
  search,
  type Evaluator,
  type ImportanceScorer,
  type Model,
  type Optimizer,
  type PipelineEvent,
  type Pruner,
  type Schedule,
  type ShapeSearch,
  type StageContext,
  type Target,
  type TokenBatches,
  type TrainOptions,
  type WeightedLoss,
} from '@espalier/core';
import { readMeasures } from './measures.js';
import type { SummaryRow } from './summary.js';

/** A way to make a model smaller. */
export interface Method {
  readonly name: string;
  readonly search: ShapeSearch;
  readonly pruner: Pruner;
  /** Which trainings follow. */
  readonly trainings: readonly Training[];
}

/** `distilled` learns from the teacher, `lm-loss` from the text alone, `scratch` likewise but from random weights. */
export type Training = 'distilled' | 'lm-loss' | 'scratch';

export interface ComparisonOptions {
  readonly teacher: Model;
  readonly target: Target;
  readonly methods: readonly Method[];
  readonly scorers: readonly ImportanceScorer[];
  readonly evaluators: readonly Evaluator[];
  readonly distillation: readonly WeightedLoss[];
  readonly languageModel: readonly WeightedLoss[];
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Training tokens of a student. */
  readonly tokens: (student: Model) => number;
  /** Sequences the importance scores come from. */
  readonly samples: number;
  readonly batch: number;
  readonly length: number;
  /** The same text anew at each call, cut into batches. */
  readonly training: () => TokenBatches;
  readonly calibration: () => TokenBatches;
}

export interface Comparison {
  readonly rows: readonly SummaryRow[];
  /** Every student by the name of its row. */
  readonly students: ReadonlyMap<string, Model>;
}

/** Runs everything and reports as it goes. Throws `InputError` for a target that a method cannot reach, before any training. */
export async function compare(
  options: ComparisonOptions,
  context: StageContext,
  show: (event: PipelineEvent) => void,
  signal?: AbortSignal,
): Promise<Comparison> {
  const { teacher, batch, length, samples, evaluators, scorers } = options;
  const rows: SummaryRow[] = [];
  const students = new Map<string, Model>();
  const keep = (
    name: string,
    trainingTokens: number,
    state: { readonly student: Model; readonly evaluation: Parameters<typeof readMeasures>[0] },
  ): void => {
    const counts = modelParameters(state.student);
    rows.push({ name, ...counts, ...readMeasures(state.evaluation), trainingTokens });
    students.set(name, state.student);
  };

  const first = await Pipeline.of({ teacher, student: teacher }, context, 'teacher')
    .pipe(
      evaluate(evaluators),
      calibrate({ scorers, samples, batch, length, data: options.calibration() }),
      score(scorers),
    )
    .run(show, signal);
  keep('teacher', 0, first);

  // All shapes are found and all plans made before the first training: what cannot work fails early.
  const prepared = [];
  for (const method of options.methods) {
    const state = await Pipeline.of(first, context, method.name)
      .pipe(search(method.search, options.target), prune(method.pruner))
      .run(show, signal);
    prepared.push({ method, state });
  }
  for (const { method, state } of prepared) {
    const pruned = await Pipeline.of(state, context, `${method.name}/pruned`)
      .pipe(evaluate(evaluators))
      .run(show, signal);
    keep(`${method.name}/pruned`, 0, pruned);
    for (const training of method.trainings) {
      const name = `${method.name}/${training}`;
      // From scratch: random weights of the same shape.
      const student = training === 'scratch' ? initialise(state.student, context.random.fork(name)) : state.student;
      const done = await Pipeline.of({ ...state, student }, context, name)
        .pipe(distil(trainOptions(training, student, options)), evaluate(evaluators))
        .run(show, signal);
      keep(name, done.training.tokens, done);
    }
  }
  return { rows, students };
}

function trainOptions(training: Training, student: Model, options: ComparisonOptions): TrainOptions {
  const { optimizer, schedule, tokens, batch, length } = options;
  const losses = training === 'distilled' ? options.distillation : options.languageModel;
  return { losses, optimizer, schedule, tokens: tokens(student), batch, length, data: options.training() };
}
