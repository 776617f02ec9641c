// Measuring a model as a unit of the run, and its row of the summary.
import { join } from 'node:path';
import {
  createStrategy,
  evaluate,
  modelParameters,
  readRunFile,
  runFiles,
  writeJsonFile,
  type Evaluation,
  type Evaluator,
} from '@espalier/core';
import { z } from 'zod';
import { readMeasures } from './measures.js';
import type { SummaryRow } from './summary.js';
import { commonInputs, runStage, type Engine } from './engine.js';
import type { SourceModel } from './models.js';

/** Tokens per sequence when speed is measured; fewer where the context is shorter. */
const THROUGHPUT_LENGTH = 128;
const resultsName = 'evaluation.json';
const results = z.record(z.string(), z.json());

/** Evaluates a model and gives its row. */
export async function measure(engine: Engine, source: SourceModel, trainingTokens: number): Promise<SummaryRow> {
  const { name, model, hash } = source;
  const evaluators = makeEvaluators(engine);
  const timed = new Set(evaluators.flatMap((own) => (own.timed === true ? [own.name] : [])));
  const part = (evaluation: Evaluation, isTimed: boolean): Evaluation =>
    Object.fromEntries(Object.entries(evaluation).filter(([own]) => timed.has(own) === isTimed));
  const { value } = await engine.units.do<Evaluation>({
    name: `${name}/evaluate`,
    inputs: { ...commonInputs(engine), student: hash, evaluation: evaluationInputs(engine), data: engine.dataHash },
    make: async () => (await runStage(engine, name, evaluate(evaluators), { student: model })).evaluation,
    async save(evaluation, folder) {
      await writeJsonFile(join(folder, resultsName), part(evaluation, false));
      await writeJsonFile(join(folder, runFiles.measured), part(evaluation, true));
    },
    load: async (folder) => ({
      ...(await readRunFile(join(folder, resultsName), results)),
      ...(await readRunFile(join(folder, runFiles.measured), results)),
    }),
  });
  return { name, ...modelParameters(model), ...readMeasures(value), trainingTokens };
}

function evaluationInputs({ recipe }: Engine) {
  const { evaluators, maxTokens = null } = recipe.evaluation;
  return { evaluators, maxTokens };
}

/** The evaluators of the recipe; ours are given the documents and questions of the run. */
function makeEvaluators(engine: Engine): readonly Evaluator[] {
  const { recipe, bench, data, validation, original } = engine;
  const { evaluators } = recipe.evaluation;
  const given: Readonly<Record<string, object>> = {
    perplexity: { documents: validation, maxTokens: evaluatedTokens(engine) },
    cloze: { items: data.cloze },
    throughput: { length: Math.min(THROUGHPUT_LENGTH, original.model.architecture.contextLength) },
  };
  return evaluators
    .filter(({ name }) => name !== 'cloze' || data.cloze.length > 0)
    .map(({ name, options }) => createStrategy(bench.container, 'evaluator', name, { ...given[name], ...options }));
}

/** First tokens of each document that are looked at. */
export function evaluatedTokens({ recipe }: Pick<Engine, 'recipe'>): number {
  const lengths = recipe.steps.map(({ distillation }) => distillation.length);
  return recipe.evaluation.maxTokens ?? Math.max(...lengths) + 1;
}
