// What a recipe names, checked and opened before anything is written: plugins, strategies, backend, model, text.
import { InternalError } from '@espalier/core';
import { openRunData, type DataRequest, type RunData } from '../data/run-data.js';
import type { KnownFiles } from '../folder/known-files.js';
import { locateModel } from '../hub/locate-model.js';
import { longSteps, settleShortages } from '../machine/shortage.js';
import type { Recipe } from '../recipe/schema.js';
import { checkDepth } from './checks.js';
import type { EngineStep } from './engine.js';
import { trainingLengths } from './measure.js';
import { openModel, type SourceModel } from './models.js';
import { extentOf, prepareRecipe, type Opening, type RecipePlaces } from './prepare-recipe.js';
import { openBlank } from './pretrain.js';
import type { Waits } from './waits.js';
import type { Workbench } from './workbench.js';

/** A recipe with all that it names at hand: strategies made, backend started, model and text open. */
export interface OpenedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly bench: Workbench;
  readonly original: SourceModel;
  /** Its files as they were when they were hashed. */
  readonly files: KnownFiles;
  readonly data: RunData;
  /** Tells of what takes long before the first unit. */
  readonly waits: Waits;
  close(): Promise<void>;
}

/** Opens what a recipe names; close it when done. Throws `InputError`, with nothing written, for what cannot work. */
export async function openRecipe(
  recipe: Recipe,
  opening: Opening & { readonly allowShortage: boolean; readonly waits: Waits },
  places: RecipePlaces,
): Promise<OpenedRecipe> {
  const { hub, logger, waits } = opening;
  const { steps, bench, planned, shortages } = await prepareRecipe(recipe, opening, places);
  settleShortages(shortages, { allow: opening.allowShortage, logger });
  const { threads } = bench.context.backend;
  if (threads !== undefined && extentOf(places.until) === 'train')
    for (const line of longSteps(planned, threads)) logger.warn(line);
  const { source: original, files, close } = await openOriginal(recipe, bench, { ...opening, known: places.known });
  try {
    const { stdin } = places;
    const setting = {
      bench,
      hub,
      teacher: original.model,
      watch: waits.watch,
      ...(stdin === undefined ? {} : { stdin }),
    };
    const data = await waits.during('read the text', () => openRunData(dataRequest(recipe), setting));
    checkDepth(steps, data.cloze);
    if (data.notice !== undefined) logger.warn(data.notice);
    const closeAll = async (): Promise<void> => {
      await data.close();
      await close();
    };
    return { recipe, steps, bench, original, files, data, waits, close: closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The model that is there, or the blank one that the recipe pretrains. */
async function openOriginal(
  recipe: Recipe,
  { families }: Workbench,
  {
    hub,
    waits: { watch, during },
    known,
  }: Pick<Opening, 'hub'> & Pick<RecipePlaces, 'known'> & { readonly waits: Waits },
): Promise<{ readonly source: SourceModel; readonly files: KnownFiles; close(): Promise<void> }> {
  const { model, pretraining, revision } = recipe;
  if (model !== undefined) {
    const folder = await during('fetch the model', () => locateModel(model, revision, { ...hub, watch }));
    return during('hash the model', () => openModel('teacher', folder, families, { watch, known }));
  }
  if (pretraining === undefined) throw new InternalError('a recipe begins with a model or makes one');
  return { source: await openBlank(recipe, pretraining, families), files: {}, close: () => Promise.resolve() };
}

/** What a recipe asks of its text. */
export function dataRequest(recipe: Recipe): DataRequest {
  const { data, evaluation, seed } = recipe;
  const length = Math.max(...trainingLengths(recipe));
  const { allowOverlap } = evaluation;
  return {
    data,
    seed,
    length,
    allowOverlap,
    ...(evaluation.data === undefined ? {} : { evaluation: evaluation.data }),
  };
}
