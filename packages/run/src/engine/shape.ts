// From a source model to a pruned student: calibration, scores, then shape and plan, each a unit.
import { join } from 'node:path';
import {
  applyPlan,
  calibrate,
  InputError,
  memoryStore,
  checkRanking,
  padded,
  prune,
  pruneIteratively,
  score,
  scoreDepthOfTarget,
  searchWith,
  readStatistics,
  sourceBatches,
  writeStatistics,
  type Json,
  type Model,
  type PrunePlan,
  type Stage,
  type Scores,
  type Statistics,
  type Trial,
} from '@espalier/core';
import { GraphError } from '@espalier/core/graph';
import { stepTraining } from '../steps/step-training.js';
import { z } from 'zod';
import type { UnitResult } from '../folder/run-folder.js';
import { removeWhole } from '../folder/small-files.js';
import { depthText } from './measure.js';
import { sampleNotices } from './notices.js';
import { commonInputs, notice, runStage, type Engine, type EngineStep } from './engine.js';
import type { SourceModel, Taught } from './models.js';
import { checkpointsFolder } from './run-record.js';
import { folderTrials } from './trial-store.js';
import { jsonUnit } from './units.js';

const STATISTICS = 'statistics.safetensors';

const numbers = z.array(z.number());
const perLayer = z.array(numbers);
/** Scores as `scores.json` holds them. */
export const scoresSchema = z.strictObject({
  ffn: perLayer.exactOptional(),
  heads: perLayer.exactOptional(),
  kvHeads: perLayer.exactOptional(),
  hidden: numbers.exactOptional(),
  layers: numbers.exactOptional(),
  attention: numbers.exactOptional(),
  feedForward: numbers.exactOptional(),
});
const index = z.int().nonnegative();
const indices = z.array(index);
/** A plan as `plan.json` holds it. */
export const planSchema = z.strictObject({
  layers: indices,
  hidden: indices,
  ffn: z.array(indices),
  heads: z.array(indices),
  kvHeads: z.array(indices),
  withoutAttention: indices.exactOptional(),
  withoutFeedForward: indices.exactOptional(),
  mergedHeads: z.array(z.array(z.strictObject({ into: index, from: index }))).exactOptional(),
});

/** What a step's calibration finds, and the step whose it is. */
export interface SharedStatistics {
  readonly owner: string;
  readonly statistics: UnitResult<Statistics>;
}

/** Calibrates on a source as a step asks for; steps that ask the same of the same model share one calibration, whose owners are `shared`. */
export async function statisticsOf(
  engine: Engine,
  step: EngineStep,
  source: SourceModel,
  shared: Map<string, string>,
): Promise<SharedStatistics> {
  const { depth: _depth, ...importance } = step.recipe.importance;
  const inputs = { ...commonInputs(engine), source: source.hash, importance, data: engine.dataHash };
  const key = JSON.stringify(inputs);
  const owner = shared.get(key) ?? step.name;
  shared.set(key, owner);
  const { scorers } = step.resolved;
  const { samples, batch, length } = importance;
  const size = { batch, length };
  const text = engine.data.tokens;
  if (
    text !== undefined &&
    owner === step.name &&
    scorers.some((own) => own.observe(source.model.architecture).length > 0)
  )
    for (const line of sampleNotices(step.name, importance, text)) engine.tell(notice(line));
  const statistics = await engine.units.do({
    name: `${owner}/calibrate`,
    inputs,
    async make() {
      const data = sourceBatches(engine.data.source, engine.data.documents('calibration'), size);
      const stage = calibrate({ scorers, samples, data });
      return (await runStage(engine, owner, stage, { teacher: source.model })).statistics;
    },
    save: (value, folder) => writeStatistics(join(folder, STATISTICS), value),
    load: (folder) => readStatistics(join(folder, STATISTICS)),
  });
  return { owner, statistics };
}

/** Scores a source by its statistics, and its weights where scorers read them. */
export function scoresOf(
  engine: Engine,
  step: EngineStep,
  source: SourceModel,
  { owner, statistics }: SharedStatistics,
): Promise<UnitResult<Partial<Scores>>> {
  const { scorers } = step.resolved;
  const scoring = { statistics: statistics.hash, scorers: step.recipe.importance.scorers };
  const scores = jsonUnit({ name: `${owner}/score`, inputs: scoring }, 'scores.json', scoresSchema, async () => {
    const state = { teacher: source.model, statistics: statistics.value };
    return mutable((await runStage(engine, owner, score(scorers), state)).scores);
  });
  return engine.units.do(scores);
}

/** Plans the student of a step and gives it, cut but not trained. */
export async function pruned(
  engine: Engine,
  step: EngineStep,
  { source, teacher }: Taught,
  scores: UnitResult<Partial<Scores>>,
): Promise<SourceModel> {
  const { rounds, depth } = step.recipe.importance;
  const inputs = {
    ...commonInputs(engine),
    source: source.hash,
    scores: scores.hash,
    target: step.recipe.target,
    search: step.recipe.search ?? { name: step.resolved.search.name },
    pruner: step.recipe.pruner,
    rounds,
    ...(depth === undefined ? {} : { depth, data: engine.dataHash }),
  };
  // A search that trains depends on how it trains as well.
  const tried: Json = {
    ...inputs,
    teacher: teacher.hash,
    distillation: step.recipe.distillation,
    data: engine.dataHash,
  };
  const { folder } = engine.units;
  const trials = folder === undefined ? undefined : join(folder, checkpointsFolder, step.name, 'search');
  const store =
    trials === undefined
      ? memoryStore()
      : folderTrials(trials, {
          inputs: tried,
          warn: (message) => engine.tell(notice(message)),
          keepOpen: engine.keepOpen,
        });
  const of = step.resolved.search.trains === true ? tried : inputs;
  const unit = jsonUnit({ name: `${step.name}/prune`, inputs: of }, 'plan.json', planSchema, async () =>
    mutable(await planned(engine, step, { source, teacher }, { scores: scores.value, store })),
  );
  const { value, hash } = await engine.units.do(unit);
  if (trials !== undefined) await removeWhole(trials);
  return { name: `${step.name}/pruned`, model: cutBy(value, source.model, step.name), hash };
}

/** The model as a plan has it, which may have been read from a file. Throws `InputError` for one that does not fit. */
export function cutBy(plan: PrunePlan, model: Model, step: string): Model {
  try {
    return applyPlan(model, plan);
  } catch (cause) {
    if (!(cause instanceof GraphError)) throw cause;
    const fix = `Remove the folder of ${step}/prune in the run and resume: it is then made again`;
    throw new InputError({ asked: `prune by the plan of "${step}"`, found: cause.message, fix }, { cause });
  }
}

/** Search, the measuring of layers, the check of the ranking, and the pruner, as the step asks for them. */
async function planned(
  engine: Engine,
  step: EngineStep,
  { source, teacher }: Taught,
  given: Required<Pick<Trial, 'scores' | 'store'>>,
): Promise<PrunePlan> {
  const { target, search: strategy, pruner, scorers, depth: judge } = step.resolved;
  const { samples, batch, length, rounds, depth, checkRanking: checked } = step.recipe.importance;
  const run = <In, Out>(stage: Stage<In, Out>, value: In): Promise<Out> => runStage(engine, step.name, stage, value);
  const state = { teacher: source.model, scores: given.scores };
  const found = await run(
    searchWith(strategy, target, () => trialOf(engine, step, teacher, given), {}),
    state,
  );
  const shaped =
    depth === undefined || judge === undefined
      ? found
      : await run(scoreDepthOfTarget(judge, await depthText(engine, step, depth.documents), depth), found);
  if (checked) {
    const { batch: own, length: tokens } = step.recipe.distillation;
    const size = { batch: own, length: tokens };
    await run(checkRanking({ pruner, data: padded(engine.validation, size) }), shaped);
  }
  const check = step.recipe.checkCut;
  if (rounds === 1) return (await run(prune(pruner, { check }), shaped)).plan;
  const size = { batch, length };
  const data = () => sourceBatches(engine.data.source, engine.data.documents('calibration'), size);
  return (await run(pruneIteratively({ rounds, pruner, scorers, samples, data, check }), shaped)).plan;
}

/** How a search that trains tries its candidates: as the distillation that follows, for fewer tokens. */
function trialOf(
  engine: Engine,
  { resolved }: EngineStep,
  teacher: SourceModel,
  { scores, store }: Required<Pick<Trial, 'scores' | 'store'>>,
): Trial {
  const { pruner, schedule } = resolved;
  const training = stepTraining(resolved);
  return {
    teacher: teacher.model,
    pruner,
    scores,
    store,
    training,
    schedule,
    text: () => sourceBatches(engine.data.source, engine.data.documents('training'), training),
    validation: () => padded(engine.validation, training),
  };
}

/** A copy that a schema's input takes: the same values, not read-only. */
function mutable<Value>(value: Value): Mutable<Value> {
  return structuredClone(value) as Mutable<Value>;
}

type Mutable<Value> = Value extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> }
    : Value;
