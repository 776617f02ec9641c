// Texts side by side, as a unit of the run: the first model, the student that the run is for as pruned, and the same distilled go on
// from the same beginnings.
import { runsMapped, type Model } from '@espalier/core';
import { z } from 'zod';
import { sampleTexts } from '../report/sample-texts.js';
import { prunedOf } from '../report/row-names.js';
import { answerRow } from './answer.js';
import { commonInputs, runStage, type Engine } from './engine.js';
import type { RecipeResult } from './run-recipe.js';
import { jsonUnit } from './units.js';

/** Prompts, tokens of each, and tokens of the whole text. */
const PROMPTS = 3;
const PROMPT_LENGTH = 8;
const LENGTH = 48;

/** Texts side by side, as `samples.json` holds them. */
export const samplesSchema = z.array(
  z.object({ prompt: z.string(), texts: z.array(z.object({ model: z.string(), text: z.string() })) }),
);

/** Samples where the held-out text has beginnings to go on from, and the first model is one that is held in memory. */
export async function sampleSideBySide(engine: Engine, { trained, pruned }: RecipeResult): Promise<void> {
  const { original, validation } = engine;
  const row = answerRow(engine);
  const prompts = validation
    .filter(({ length }) => length > 2)
    .slice(0, PROMPTS)
    .map((own) => own.slice(0, Math.min(PROMPT_LENGTH, Math.ceil(own.length / 2))));
  if (prompts.length === 0) return;
  // A token of such a model reads all of its files, again and again.
  if (runsMapped(original.model)) return;
  const told = new Set([original, pruned.get(prunedOf(row)), trained.get(row)]);
  const sources = [...told].filter((own) => own !== undefined);
  const models = new Map<string, Model>(sources.map(({ name, model }) => [name, model]));
  const inputs = { ...commonInputs(engine), prompts, models: sources.map(({ name, hash }) => [name, hash]) };
  const unit = jsonUnit({ name: 'samples', inputs }, 'samples.json', samplesSchema, async () => {
    const samples = await runStage(engine, 'samples', sampleTexts({ prompts, length: LENGTH }), models);
    return samples.map(({ prompt, texts }) => ({ prompt, texts: [...texts] }));
  });
  await engine.units.do(unit);
}
