// A recipe from its first model to the last row: for every step importance, plan, and trainings, each a unit of the run.
import { InternalError } from '@espalier/core';
import type { SummaryRow } from './summary.js';
import type { Engine, EngineStep } from './engine.js';
import { measure, type RowFacts } from './measure.js';
import type { SourceModel, Taught, TrainedModel } from './models.js';
import { pruned, scoresOf, statisticsOf } from './shape.js';
import { transformed } from './transform.js';
import { correctedTeacher, trained } from './train.js';

/** What the units of a run have come to. */
export interface RecipeResult {
  readonly rows: readonly SummaryRow[];
  /** Trained models by the name of their row. */
  readonly trained: ReadonlyMap<string, TrainedModel>;
  /** Pruned and untrained models, likewise. */
  readonly pruned: ReadonlyMap<string, SourceModel>;
}

interface Prepared extends Taught {
  readonly student: SourceModel;
}

/** Stages that a run can be asked to end after, in the order they come. */
export const stageNames = ['calibrate', 'score', 'search', 'prune', 'distil', 'evaluate'] as const;
export type StageName = (typeof stageNames)[number];

/** Where a run is to end: after a stage of a step; the first step when none is named. */
export interface Until {
  readonly stage: StageName;
  readonly step?: string;
  /** Where the cut model of the step goes, not trained, of a run that ends after `search` or `prune`; nowhere when not given. */
  readonly out?: { readonly folder: string; readonly overwrite: boolean };
}

/** Runs what is not done yet and gives everything. Throws `CancelledError` when it is asked to stop. */
export async function runRecipe(engine: Engine, until?: Until): Promise<RecipeResult> {
  const result = {
    rows: [] as SummaryRow[],
    trained: new Map<string, TrainedModel>(),
    pruned: new Map<string, SourceModel>(),
  };
  const wanted = until?.step ?? engine.steps[0]?.name;
  for await (const { stages, step } of work(engine, result, until === undefined || until.stage === 'evaluate'))
    if (until !== undefined && step === wanted && stages.includes(until.stage)) break;
  return result;
}

/** A point that a run has come to. */
interface Point {
  readonly step: string;
  readonly stages: readonly StageName[];
}

interface Growing {
  readonly rows: SummaryRow[];
  readonly trained: Map<string, TrainedModel>;
  readonly pruned: Map<string, SourceModel>;
}

/** Points in their order; nothing is measured on the way to another stage than that. */
async function* work(
  engine: Engine,
  { rows, trained: models, pruned: cut }: Growing,
  measures: boolean,
): AsyncGenerator<Point, void> {
  const { steps, original } = engine;
  const addRow = async (source: SourceModel, facts: RowFacts): Promise<void> => {
    if (measures) rows.push(await measure(engine, source, facts));
  };
  if (original.tokens > 0) models.set(original.name, original);
  await addRow(original, { trainingTokens: original.tokens });
  const shared = new Map<string, string>();
  const students = new Map<EngineStep, Prepared>();
  // A teacher that was corrected takes the place of the one it came of, for later steps too.
  const corrected = new Map<string, SourceModel>();
  const latest = (own: SourceModel): SourceModel => corrected.get(own.hash) ?? own;
  async function* prepare(step: EngineStep, from: SourceModel): AsyncGenerator<Point, void> {
    const { teacher: choice, correction } = step.recipe.distillation;
    const first = choice === 'original' ? original : from;
    if (correction?.when === 'before') corrected.set(first.hash, await correctedTeacher(engine, step, latest(first)));
    const taught: Taught = { source: latest(from), teacher: latest(first) };
    const statistics = await statisticsOf(engine, step, taught.source, shared);
    yield { step: step.name, stages: ['calibrate'] };
    const scores = await scoresOf(engine, step, taught.source, statistics);
    yield { step: step.name, stages: ['score'] };
    const student = await transformed(engine, step, 'after-prune', await pruned(engine, step, taught, scores));
    students.set(step, { ...taught, student });
    cut.set(student.name, student);
    yield { step: step.name, stages: ['search', 'prune'] };
  }
  // Everything that is cut from the first model is planned before the first training: what cannot work fails early.
  for (const [index, step] of steps.entries())
    if (index === 0 || step.recipe.from === 'model') yield* prepare(step, original);
  let previous: SourceModel = original;
  for (const step of steps) {
    if (!students.has(step)) yield* prepare(step, previous);
    const own = students.get(step);
    if (own === undefined) throw new InternalError(`step "${step.name}" was not prepared`);
    const cutFrom = own.source;
    await addRow(own.student, { trainingTokens: 0, cutFrom });
    const distilled = await transformed(engine, step, 'after-distil', await trained(engine, step, 'distilled', own));
    previous = distilled;
    models.set(distilled.name, distilled);
    yield { step: step.name, stages: ['distil'] };
    await addRow(distilled, { trainingTokens: distilled.tokens, cutFrom });
    for (const training of step.recipe.compare) {
      // At equal tokens, also where the distillation was ended before its own were used up.
      const tokens = step.resolved.stop === undefined ? undefined : distilled.tokens;
      const model = await trained(engine, step, training, own, tokens);
      models.set(model.name, model);
      await addRow(model, { trainingTokens: model.tokens, cutFrom });
    }
    yield { step: step.name, stages: ['evaluate'] };
  }
}
