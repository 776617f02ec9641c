// Measuring a model as a unit of the run, and its row of the summary.
import { join } from 'node:path';
import {
  documentIds,
  evaluate,
  measuredBy,
  modelParameters,
  takeDocuments,
  worseThanChance,
  type Evaluation,
  type EvaluationText,
  type Evaluator,
  type Json,
  type Measured,
} from '@espalier/core';
import { z } from 'zod';
import { readRunFile, writeJsonFile } from '../folder/small-files.js';
import { strategyNamed } from '../steps/named-strategy.js';
import { commonInputs, notice, runStage, type Engine, type EngineStep } from './engine.js';
import type { SourceModel } from './models.js';
import { evaluationNotices } from './notices.js';
import type { SummaryRow } from './summary.js';

const resultsName = 'evaluation.json';
/** What evaluators found, as `evaluation.json` holds it. */
export const results = z.record(z.string(), z.json());

/** What is known of a model beside what is measured. */
export interface RowFacts {
  readonly trainingTokens: number;
  /** The model that its step cut; absent for the teacher. */
  readonly cutFrom?: SourceModel;
}

/** Evaluates a model and gives its row, without what is timed (`withSpeeds`). */
export async function measure(
  engine: Engine,
  source: SourceModel,
  { trainingTokens, cutFrom: cut }: RowFacts,
): Promise<SummaryRow> {
  const { name, model, hash } = source;
  const evaluators = isMeasured(engine, source) ? evaluatorsOf(engine).filter(({ timed }) => timed !== true) : [];
  const cutFrom = cut && modelParameters(cut.model).parameters;
  const { value } = await engine.units.do<Evaluation>({
    name: `${name}/evaluate`,
    inputs: {
      ...commonInputs(engine),
      student: hash,
      evaluation: evaluationInputs(engine, source),
      data: engine.dataHash,
    },
    async make() {
      const done = await runStage(engine, name, evaluate(evaluators, evaluationText(engine)), { student: model });
      if (cutFrom !== undefined) {
        const data = { parameters: cutFrom };
        engine.tell({ type: 'finding', name: 'cut-from', message: '', data, run: name, stage: 'evaluate', time: 0 });
      }
      return done.evaluation;
    },
    save: (evaluation, folder) => writeJsonFile(join(folder, resultsName), evaluation),
    load: (folder) => readRunFile(join(folder, resultsName), results),
  });
  const measures = evaluators.flatMap((own) => {
    const result = Object.hasOwn(value, own.name) ? value[own.name] : undefined;
    return result === undefined ? [] : measuredBy(own, result);
  });
  if (hash === engine.original.hash && engine.steps.length > 0) sayTeachesNothing(engine, measures);
  return { name, ...modelParameters(model), ...(cutFrom === undefined ? {} : { cutFrom }), measures, trainingTokens };
}

/** Says what to do instead where the first model is worse than a guess on the text that its students are to learn. */
function sayTeachesNothing(engine: Engine, measures: readonly Measured[]): void {
  const bad = measures.find(worseThanChance);
  if (bad === undefined) return;
  engine.tell(
    notice(
      `the model's ${bad.label} on this text is worse than a guess: it has nothing to teach about it. Let it write the text itself (data: teacher), let it learn the text first (distillation.correction), or train on the text alone (distillation.losses: [cross-entropy])`,
    ),
  );
}

/** What models are measured by. */
export function evaluatorsOf({ recipe, bench }: Pick<Engine, 'recipe' | 'bench'>): readonly Evaluator[] {
  return recipe.evaluation.evaluators.map((own) => strategyNamed(bench.container, 'evaluator', own));
}

/** Says once what is to know of the text that all models are measured on. */
export function sayEvaluated(engine: Engine): void {
  for (const line of evaluationNotices(evaluatorsOf(engine), evaluationText(engine))) engine.tell(notice(line));
}

/** Whether a model is measured: all are but the one that was there, where the recipe leaves that out. */
export function isMeasured({ recipe, original }: Engine, { hash }: Pick<SourceModel, 'hash'>): boolean {
  return recipe.evaluation.teacher || original.tokens > 0 || hash !== original.hash;
}

/** What a measurement depends on beside model and text; of every model's where none is given. */
export function evaluationInputs(engine: Engine, source?: SourceModel): Json {
  const { evaluators, maxTokens = null } = engine.recipe.evaluation;
  const own = source === undefined || isMeasured(engine, source) ? evaluators : [];
  return { evaluators: own, maxTokens };
}

/** What all models are measured on. */
export function evaluationText({ recipe, data, validation }: Engine): Required<EvaluationText> {
  return { documents: validation, items: data.cloze, contextLength: evaluatedTokens({ recipe }) };
}

/** What the layers of a step are measured on by leaving them out: calibration text, and the questions. */
export async function depthText({ data }: Engine, { recipe }: EngineStep, documents: number): Promise<EvaluationText> {
  const taken = await takeDocuments(data.documents('calibration'), documents);
  return { documents: taken.map(documentIds), items: data.cloze, contextLength: recipe.importance.length };
}

/** First tokens of each document that are looked at. */
export function evaluatedTokens({ recipe }: Pick<Engine, 'recipe'>): number {
  return recipe.evaluation.maxTokens ?? Math.max(...trainingLengths(recipe)) + 1;
}

/** Tokens of the sequences of every training. */
export function trainingLengths({
  steps,
  pretraining,
}: Pick<Engine['recipe'], 'steps' | 'pretraining'>): readonly number[] {
  const own = steps.map(({ distillation }) => distillation.length);
  return pretraining === undefined ? own : [pretraining.length, ...own];
}
