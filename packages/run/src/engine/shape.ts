// From a source model to a pruned student: calibration, scores, then shape and plan, each a unit.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  applyPlan,
  calibrate,
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
  type Scores,
  type Trial,
  type UnitResult,
} from '@espalier/core';
import { stepTraining } from '../steps/step-training.js';
import { z } from 'zod';
import { depthMetricOf } from './depth.js';
import { commonInputs, jsonUnit, runStage, warn, type Engine, type EngineStep } from './engine.js';
import type { SourceModel, Taught } from './models.js';
import { checkpointsFolder } from './train.js';
import { folderTrials } from './trial-store.js';

const STATISTICS = 'statistics.safetensors';

const numbers = z.array(z.number());
const perLayer = z.array(numbers);
const scoresSchema = z.strictObject({
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
const planSchema = z.strictObject({
  layers: indices,
  hidden: indices,
  ffn: z.array(indices),
  heads: z.array(indices),
  kvHeads: z.array(indices),
  withoutAttention: indices.exactOptional(),
  withoutFeedForward: indices.exactOptional(),
  mergedHeads: z.array(z.array(z.strictObject({ into: index, from: index }))).exactOptional(),
});

/** Scores a source as a step asks for; steps that ask the same of the same model share one calibration. */
export async function importanceOf(
  engine: Engine,
  step: EngineStep,
  source: SourceModel,
  shared: Map<string, string>,
): Promise<UnitResult<Partial<Scores>>> {
  const { depth: _depth, ...importance } = step.recipe.importance;
  const inputs = { ...commonInputs(engine), source: source.hash, importance, data: engine.dataHash };
  const key = JSON.stringify(inputs);
  const owner = shared.get(key) ?? step.name;
  shared.set(key, owner);
  const { scorers } = step.resolved;
  const { samples, batch, length } = importance;
  const size = { batch, length };
  const statistics = await engine.run.unit({
    name: `${owner}/calibrate`,
    inputs,
    async make(folder) {
      const data = sourceBatches(engine.data.source, engine.data.documents('calibration'), size);
      const stage = calibrate({ scorers, samples, data });
      const calibrated = await runStage(engine, owner, stage, { teacher: source.model });
      await writeStatistics(join(folder, STATISTICS), calibrated.statistics);
    },
    load: (folder) => readStatistics(join(folder, STATISTICS)),
  });
  const scoring = { statistics: statistics.hash, scorers: importance.scorers };
  const scores = await jsonUnit(
    engine,
    `${owner}/score`,
    scoring,
    { file: 'scores.json', schema: scoresSchema },
    async () => {
      const state = { teacher: source.model, statistics: statistics.value };
      return mutable((await runStage(engine, owner, score(scorers), state)).scores);
    },
  );
  return scores;
}

/** Plans the student of a step and gives it, cut but not trained. */
export async function pruned(
  engine: Engine,
  step: EngineStep,
  { source, teacher }: Taught,
  scores: UnitResult<Partial<Scores>>,
): Promise<SourceModel> {
  const { target, search: strategy, pruner, scorers } = step.resolved;
  const { samples, batch, length, rounds, depth, checkRanking: checked } = step.recipe.importance;
  const inputs = {
    ...commonInputs(engine),
    source: source.hash,
    scores: scores.hash,
    target: step.recipe.target,
    search: step.recipe.search,
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
  const trials = join(engine.run.path, checkpointsFolder, step.name, 'search');
  const { value, hash } = await jsonUnit(
    engine,
    `${step.name}/prune`,
    inputs,
    { file: 'plan.json', schema: planSchema },
    async () => {
      const state = { teacher: source.model, scores: scores.value };
      const store = folderTrials(trials, { inputs: tried, warn, keepOpen: engine.keepOpen });
      const found = await runStage(
        engine,
        step.name,
        searchWith(strategy, target, () => trialOf(engine, step, teacher, { scores: scores.value, store }), {}),
        state,
      );
      const shaped =
        depth === undefined
          ? found
          : await runStage(
              engine,
              step.name,
              scoreDepthOfTarget(await depthMetricOf(engine, step, depth), depth),
              found,
            );
      if (checked) {
        const { batch: own, length: tokens } = step.recipe.distillation;
        const data = padded(engine.validation, { batch: own, length: tokens });
        await runStage(engine, step.name, checkRanking({ pruner, data }), shaped);
      }
      if (rounds === 1) return mutable((await runStage(engine, step.name, prune(pruner), shaped)).plan);
      const size = { batch, length };
      const data = () => sourceBatches(engine.data.source, engine.data.documents('calibration'), size);
      const cut = pruneIteratively({ rounds, pruner, scorers, samples, data });
      return mutable((await runStage(engine, step.name, cut, shaped)).plan);
    },
  );
  await rm(trials, { recursive: true, force: true });
  return { name: `${step.name}/pruned`, model: applyPlan(source.model, value), hash };
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
