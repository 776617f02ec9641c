// What a recipe names, checked and opened before anything is written: plugins, strategies, backend, model, text.
import { dirname } from 'node:path';
import type { Logger, Plugin } from '@espalier/core';
import { resolveSteps } from '../steps/resolve-step.js';
import { openRunData, type DataRequest, type RunData } from '../data/run-data.js';
import type { HubAccess } from '../hub/access.js';
import { locateModel } from '../hub/locate-model.js';
import { loadPlugins } from '../plugins/load-plugins.js';
import type { PluginTrust } from '../plugins/trust.js';
import { checkStrategies } from '../recipe/check-strategies.js';
import type { Recipe } from '../recipe/schema.js';
import { expandTarget } from '../recipe/shapes.js';
import type { ValuePath } from '../recipe/source-text.js';
import { createWorkbench, startBackend, type Workbench } from './workbench.js';
import { checkLengths, checkPlans, checkDepth } from './checks.js';
import type { EngineStep } from './engine.js';
import { exportedRow } from './export.js';
import { openModel, type SourceModel } from './models.js';

/** A recipe with all that it names at hand: strategies made, backend started, model and text open. */
export interface OpenedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly bench: Workbench;
  readonly original: SourceModel;
  readonly data: RunData;
  close(): Promise<void>;
}

/** Where the recipe's run goes, and where the recipe and its text come from. */
export interface RecipePlaces {
  /** The run's folder, where it has one. */
  readonly folder?: string;
  /** File that the recipe came from: relative paths in options are seen from its folder. */
  readonly recipeFile?: string;
  /** Where a value of the recipe stands, for messages. */
  readonly locate?: (path: ValuePath) => string;
  /** Standard input written to a file, where it is the data. */
  readonly stdin?: string;
}

/** What a recipe is opened with. */
export interface Opening {
  readonly hub: HubAccess;
  /** Plugins beside those that the recipe names. */
  readonly plugins: readonly Plugin[];
  /** What the person has said of plugin files that the recipe names. */
  readonly trust: PluginTrust;
  /** Hears what is to be said, of the text and by strategies. */
  readonly logger: Logger;
}

/** Opens what a recipe names; close it when done. Throws `InputError`, with nothing written, for what cannot work. */
export async function openRecipe(
  recipe: Recipe,
  { hub, logger, trust, plugins: given }: Opening,
  { folder: runFolder, recipeFile, stdin, locate = () => 'of the run' }: RecipePlaces,
): Promise<OpenedRecipe> {
  const plugins = [...given, ...(await loadPlugins(recipe.plugins, process.cwd(), { trust, notFrom: runFolder }))];
  const { seed, backend } = recipe;
  const bench = createWorkbench({
    seed,
    backend,
    plugins,
    runFolder,
    logger,
    ...(recipeFile === undefined ? {} : { seenFrom: dirname(recipeFile) }),
  });
  checkStrategies(recipe, bench.container, locate);
  const steps = makeSteps(recipe, bench);
  exportedRow({ recipe, steps });
  await startBackend(bench.context.backend);
  const folder = await locateModel(recipe.model, recipe.revision, hub);
  const { source: original, close } = await openModel('teacher', folder, bench.families);
  try {
    checkLengths(recipe, original.model);
    checkPlans(original.model, steps);
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

/** The steps of a recipe with their strategies. Throws `InputError` for targets that cannot be read and names given twice. */
export function makeSteps(recipe: Recipe, bench: Pick<Workbench, 'container'>): readonly EngineStep[] {
  const named = recipe.steps.map((step) => ({ ...step, target: expandTarget(step.target) }));
  return resolveSteps(named, bench.container).map((resolved, index) => {
    const own = named[index];
    if (own === undefined) throw new RangeError('a step was lost');
    return { name: resolved.name, recipe: own, resolved };
  });
}
