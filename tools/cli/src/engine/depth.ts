// What a step measures its layers on by leaving them out: calibration text, and the questions of the run.
import { takeDocuments, type EvaluationText } from '@espalier/core';
import type { Engine, EngineStep } from './engine.js';

/** Reads it; that there is something to measure was checked before the run. */
export async function depthText(
  { data }: Engine,
  { recipe }: EngineStep,
  { documents }: NonNullable<EngineStep['recipe']['importance']['depth']>,
): Promise<EvaluationText> {
  return {
    documents: await takeDocuments(data.documents('calibration'), documents),
    items: data.cloze,
    contextLength: recipe.importance.length,
  };
}
