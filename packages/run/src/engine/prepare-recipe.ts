// What is said of a recipe before anything is spent: `compress` begins with it, and `plan` is nothing else.
import { dirname } from 'node:path';
import { InternalError, loadShape, type Logger, type Model, type ModelShape, type Plugin } from '@espalier/core';
import { checkData } from '../data/run-data.js';
import type { KnownFiles } from '../folder/known-files.js';
import type { HubAccess } from '../hub/access.js';
import { locateConfig } from '../hub/locate-model.js';
import { readMachine, type Machine } from '../machine/machine.js';
import { shortages, type Extent, type Shortage } from '../machine/shortage.js';
import { loadPlugins } from '../plugins/load-plugins.js';
import type { PluginTrust } from '../plugins/trust.js';
import { checkStrategies } from '../recipe/check-strategies.js';
import { checkCurvePlaces, checkRunPlaces } from '../recipe/places.js';
import { textsOf } from '../recipe/data-schema.js';
import type { Recipe } from '../recipe/schema.js';
import { expandTarget } from '../recipe/shapes.js';
import type { ValuePath } from '../recipe/source-text.js';
import type { PlannedStep } from '../steps/plan-steps.js';
import { resolveSteps } from '../steps/resolve-step.js';
import { checkDepth, checkEvaluation, checkLengths, plannedSteps } from './checks.js';
import type { EngineStep } from './engine.js';
import { checkExport, exportedRow } from './export.js';
import { evaluatedTokens, evaluatorsOf } from './measure.js';
import { openBlank } from './pretrain.js';
import type { Until } from './run-recipe.js';
import { createWorkbench, startBackend, type Workbench } from './workbench.js';

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
  /** Whether the run is gone on with: what it writes may then be there. */
  readonly resumed?: boolean;
  /** Files of the model as an earlier session has hashed them. */
  readonly known?: KnownFiles | undefined;
  /** Where the run is to end, where that is before its end. */
  readonly until?: Until;
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
  /** What the machine has; looked up when not given. */
  readonly machine?: Machine;
}

/** A recipe that nothing is known to be wrong with. */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly bench: Workbench;
  /** Shape of the first model, and the folder with its config.json and, where it is there, its tokenizer. */
  readonly shape: ModelShape & Pick<Model, 'folder'>;
  /** What the steps would do and take. */
  readonly planned: readonly PlannedStep[];
  /** What the machine lacks for them: `settleShortages` refuses what cannot end well. */
  readonly shortages: readonly Shortage[];
}

/**
 * Checks all that a recipe, this machine and the model's config.json tell; weights and text are not read, and nothing stays written.
 * Throws `InputError` for what cannot work.
 */
export async function prepareRecipe(
  recipe: Recipe,
  given: Opening,
  { folder: runFolder, recipeFile, stdin, locate = () => 'of the run', resumed = false, until }: RecipePlaces,
): Promise<PreparedRecipe> {
  const { hub, logger, trust } = given;
  const plugins = [
    ...given.plugins,
    ...(await loadPlugins(recipe.plugins, process.cwd(), { trust, notFrom: runFolder })),
  ];
  const { seed, backend, data, evaluation } = recipe;
  const seenFrom = recipeFile === undefined ? {} : { seenFrom: dirname(recipeFile) };
  const bench = createWorkbench({ seed, backend, plugins, runFolder, logger, ...seenFrom });
  const { container } = bench;
  checkStrategies(recipe, container, locate);
  const steps = makeSteps(recipe, bench);
  exportedRow({ recipe, steps });
  if (!resumed) {
    const { model = recipe.pretraining?.tokenizer, export: wanted } = recipe;
    await checkRunPlaces({ model, export: wanted }, runFolder);
    await checkCurvePlaces({ ...recipe, model }, seenFrom.seenFrom ?? '.');
  }
  if (until?.out !== undefined) await checkRunPlaces({ model: recipe.model, export: until.out }, runFolder);
  const asking: boolean[] = [];
  for (const text of textsOf(data)) asking.push((await checkData(text, { container, stdin })).mayAsk);
  const mayAsk =
    evaluation.data === undefined
      ? asking.includes(true)
      : (await checkData(evaluation.data, { container, stdin })).mayAsk;
  if (!mayAsk) checkDepth(steps, []);
  await startBackend(bench.context.backend);
  const shape = await originalShape(recipe, bench, hub);
  checkLengths(recipe, shape);
  const evaluators = evaluatorsOf({ recipe, bench });
  checkEvaluation(recipe, evaluators, shape.architecture);
  const measured = { evaluators, tokens: evaluatedTokens({ recipe }), teacher: evaluation.teacher };
  const planned = plannedSteps(shape, steps, measured);
  // Last: where another folder is named, nothing else is found wrong afterwards.
  await checkExport(resumed ? { ...recipe, export: undefined } : recipe, container, until?.out);
  const trainings = new Map(steps.map(({ name, recipe: own }) => [name, 1 + own.compare.length]));
  const onHost = bench.context.backend.threads !== undefined;
  const { keep } = recipe.checkpoints;
  const extent = extentOf(until);
  const needed = { planned, trainings, onHost, inFolder: runFolder !== undefined, keep, extent };
  const machine = given.machine ?? (await readMachine(runFolder ?? '.'));
  return { recipe, steps, bench, shape, planned, shortages: shortages(needed, machine) };
}

/** What a run that ends after a stage holds in memory at most. */
export function extentOf(until: Until | undefined): Extent {
  switch (until?.stage) {
    case 'calibrate':
    case 'score':
      return 'score';
    case 'search':
    case 'prune':
      return 'cut';
    default:
      return 'train';
  }
}

/** The shape of the model that is there, or of the one that the recipe pretrains. */
async function originalShape(
  recipe: Recipe,
  { families }: Workbench,
  hub: HubAccess,
): Promise<ModelShape & Pick<Model, 'folder'>> {
  const { model, pretraining, revision } = recipe;
  if (pretraining !== undefined) return (await openBlank(recipe, pretraining, families)).model;
  if (model === undefined) throw new InternalError('a recipe begins with a model or makes one');
  const folder = await locateConfig(model, revision, hub);
  return { ...(await loadShape(folder, families)), folder };
}

/** The steps of a recipe with their strategies. Throws `InputError` for targets that cannot be read and names given twice. */
function makeSteps(recipe: Recipe, bench: Pick<Workbench, 'container'>): readonly EngineStep[] {
  const named = recipe.steps.map((step) => ({ ...step, target: expandTarget(step.target) }));
  return resolveSteps(named, bench.container).map((resolved, index) => {
    const own = named[index];
    if (own === undefined) throw new InternalError('a step was lost');
    return { name: resolved.name, recipe: own, resolved };
  });
}
