// Measuring a model as a unit of the run, and its row of the summary.
import { join } from 'node:path';
import {
  documentIds,
  evaluate,
  measuredBy,
  modelParameters,
  takeDocuments,
  type Evaluation,
  type EvaluationText,
  type Evaluator,
} from '@espalier/core';
import { z } from 'zod';
import { runFiles } from '../folder/run-folder.js';
import { readRunFile, writeJsonFile } from '../folder/small-files.js';
import { strategyNamed } from '../steps/named-strategy.js';
import { commonInputs, notice, runStage, type Engine, type EngineStep } from './engine.js';
import type { SourceModel } from './models.js';
import { evaluationNotices } from './notices.js';
import type { SummaryRow } from './summary.js';

const resultsName = 'evaluation.json';
/** What evaluators found, as `evaluation.json` holds it. */
export const results = z.record(z.string(), z.json());

/** Evaluates a model and gives its row. */
export async function measure(engine: Engine, source: SourceModel, trainingTokens: number): Promise<SummaryRow> {
  const { name, model, hash } = source;
  const evaluators = evaluatorsOf(engine);
  const timed = new Set(evaluators.flatMap((own) => (own.timed === true ? [own.name] : [])));
  const part = (evaluation: Evaluation, isTimed: boolean): Evaluation =>
    Object.fromEntries(Object.entries(evaluation).filter(([own]) => timed.has(own) === isTimed));
  const { value } = await engine.units.do<Evaluation>({
    name: `${name}/evaluate`,
    inputs: { ...commonInputs(engine), student: hash, evaluation: evaluationInputs(engine), data: engine.dataHash },
    make: async () =>
      (await runStage(engine, name, evaluate(evaluators, evaluationText(engine)), { student: model })).evaluation,
    async save(evaluation, folder) {
      await writeJsonFile(join(folder, resultsName), part(evaluation, false));
      await writeJsonFile(join(folder, runFiles.measured), part(evaluation, true));
    },
    load: async (folder) => ({
      ...(await readRunFile(join(folder, resultsName), results)),
      ...(await readRunFile(join(folder, runFiles.measured), results)),
    }),
  });
  const measures = evaluators.flatMap((own) => {
    const result = Object.hasOwn(value, own.name) ? value[own.name] : undefined;
    return result === undefined ? [] : measuredBy(own, result);
  });
  return { name, ...modelParameters(model), measures, trainingTokens };
}

/** What models are measured by. */
export function evaluatorsOf({ recipe, bench }: Pick<Engine, 'recipe' | 'bench'>): readonly Evaluator[] {
  return recipe.evaluation.evaluators.map((own) => strategyNamed(bench.container, 'evaluator', own));
}

/** Says once what is to know of the text that all models are measured on. */
export function sayEvaluated(engine: Engine): void {
  for (const line of evaluationNotices(evaluatorsOf(engine), evaluationText(engine))) engine.tell(notice(line));
}

function evaluationInputs({ recipe }: Engine) {
  const { evaluators, maxTokens = null } = recipe.evaluation;
  return { evaluators, maxTokens };
}

/** What all models are measured on. */
function evaluationText({ recipe, data, validation }: Engine): Required<EvaluationText> {
  return { documents: validation, items: data.cloze, contextLength: evaluatedTokens({ recipe }) };
}

/** What the layers of a step are measured on by leaving them out: calibration text, and the questions. */
export async function depthText({ data }: Engine, { recipe }: EngineStep, documents: number): Promise<EvaluationText> {
  const taken = await takeDocuments(data.documents('calibration'), documents);
  return { documents: taken.map(documentIds), items: data.cloze, contextLength: recipe.importance.length };
}

/** First tokens of each document that are looked at. */
export function evaluatedTokens({ recipe }: Pick<Engine, 'recipe'>): number {
  const lengths = recipe.steps.map(({ distillation }) => distillation.length);
  return recipe.evaluation.maxTokens ?? Math.max(...lengths) + 1;
}
