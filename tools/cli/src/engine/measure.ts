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
} from '@espalier/core';
import { z } from 'zod';
import { readMeasures } from '../measures.js';
import type { SummaryRow } from '../summary.js';
import { commonInputs, runStage, type Engine } from './engine.js';
import type { SourceModel } from './models.js';

const resultsName = 'evaluation.json';
const results = z.record(z.string(), z.json());

/** Evaluates a model and gives its row. */
export async function measure(engine: Engine, source: SourceModel, trainingTokens: number): Promise<SummaryRow> {
  const { name, model, hash } = source;
  const { value } = await engine.run.unit<Evaluation>({
    name: `${name}/evaluate`,
    inputs: { ...commonInputs(engine), student: hash, evaluation: evaluationInputs(engine), data: engine.dataHash },
    async make(folder) {
      const evaluators = engine.recipe.evaluation.evaluators.map(({ name: own, options }) =>
        createStrategy(engine.bench.container, 'evaluator', own, options),
      );
      const { validation: documents, data } = engine;
      const text = { documents, items: data.cloze, contextLength: evaluatedTokens(engine) };
      const timed = new Set(evaluators.flatMap((own) => (own.timed === true ? [own.name] : [])));
      const { evaluation } = await runStage(engine, name, evaluate(evaluators, text), { student: model });
      const part = (isTimed: boolean): Evaluation =>
        Object.fromEntries(Object.entries(evaluation).filter(([own]) => timed.has(own) === isTimed));
      await writeJsonFile(join(folder, resultsName), part(false));
      await writeJsonFile(join(folder, runFiles.measured), part(true));
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

/** First tokens of each document that are looked at. */
export function evaluatedTokens({ recipe }: Pick<Engine, 'recipe'>): number {
  const lengths = recipe.steps.map(({ distillation }) => distillation.length);
  return recipe.evaluation.maxTokens ?? Math.max(...lengths) + 1;
}
