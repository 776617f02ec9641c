// What a recipe names, checked and opened before anything is written: plugins, strategies, backend, model, text.
import { openRunData, type DataRequest, type RunData } from '../data/run-data.js';
import { locateModel } from '../hub/locate-model.js';
import { settleShortages } from '../machine/shortage.js';
import type { Recipe } from '../recipe/schema.js';
import { checkDepth } from './checks.js';
import type { EngineStep } from './engine.js';
import { openModel, type SourceModel } from './models.js';
import { prepareRecipe, type Opening, type RecipePlaces } from './prepare-recipe.js';
import type { Workbench } from './workbench.js';

/** A recipe with all that it names at hand: strategies made, backend started, model and text open. */
export interface OpenedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly bench: Workbench;
  readonly original: SourceModel;
  readonly data: RunData;
  close(): Promise<void>;
}

/** Opens what a recipe names; close it when done. Throws `InputError`, with nothing written, for what cannot work. */
export async function openRecipe(
  recipe: Recipe,
  opening: Opening & { readonly allowShortage: boolean },
  places: RecipePlaces,
): Promise<OpenedRecipe> {
  const { hub, logger } = opening;
  const { steps, bench, shortages } = await prepareRecipe(recipe, opening, places);
  settleShortages(shortages, { allow: opening.allowShortage, logger });
  const folder = await locateModel(recipe.model, recipe.revision, hub);
  const { source: original, close } = await openModel('teacher', folder, bench.families);
  try {
    const { stdin } = places;
    const data = await openRunData(dataRequest(recipe), {
      bench,
      hub,
      teacher: original.model,
      ...(stdin === undefined ? {} : { stdin }),
    });
    checkDepth(steps, data.cloze);
    if (data.notice !== undefined) logger.warn(data.notice);
    const closeAll = async (): Promise<void> => {
      await data.close();
      await close();
    };
    return { recipe, steps, bench, original, data, close: closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}

function dataRequest({ data, evaluation, seed, steps }: Recipe): DataRequest {
  const length = Math.max(...steps.map(({ distillation }) => distillation.length));
  const { allowOverlap } = evaluation;
  return {
    data,
    seed,
    length,
    allowOverlap,
    ...(evaluation.data === undefined ? {} : { evaluation: evaluation.data }),
  };
}
