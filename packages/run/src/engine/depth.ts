// The metric that a step measures its layers by, with the text and the questions of the run.
import { createStrategy, documentIds, takeDocuments, type DepthMetric } from '@espalier/core';
import type { Engine, EngineStep } from './engine.js';

/** Makes it; that there are questions for `cloze` was checked before the run. */
export async function depthMetricOf(
  { bench, data }: Engine,
  { recipe }: EngineStep,
  { metric, documents }: NonNullable<EngineStep['recipe']['importance']['depth']>,
): Promise<DepthMetric> {
  const given: Readonly<Record<string, () => Promise<object>>> = {
    loss: async () => ({
      documents: (await takeDocuments(data.documents('calibration'), documents)).map(documentIds),
      maxTokens: recipe.importance.length,
    }),
    cloze: () => Promise.resolve({ items: data.cloze }),
  };
  const own = await given[metric.name]?.();
  return createStrategy(bench.container, 'depthMetric', metric.name, { ...own, ...metric.options });
}
