// `espalier compress`: a smaller model out of a larger one, by a recipe or by flags, and the table that says what it cost.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, ownValue } from '@espalier/core';
import { z } from 'zod';
import {
  anchorPaths,
  assignedRecipe,
  backendOf,
  compress,
  holdsRun,
  hubAccess,
  lockOwner,
  readAssignment,
  readRecipe,
  recordNames,
  type ReadRecipe,
  type Recipe,
} from '@espalier/run';
import { inform } from '../terminal/notes.js';
import { printFinished, trustOf, watch } from './output.js';
import { dataOf, nameOf, recipeOfFlags, runFlags } from './run-flags.js';
import { withStdinFile } from './stdin.js';

const common = z.object({
  recipe: z.string().optional(),
  run: z.string().optional(),
  out: z.string().optional(),
  overwrite: z.boolean(),
  allowShortage: z.boolean().default(false),
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  offline: z.boolean().default(false),
  tensorboard: z.union([z.string(), z.literal(true)]).optional(),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed; `given` lists those that the user wrote, `check` may refuse the recipe. */
export async function compressCommand(
  flags: unknown,
  given: readonly string[],
  signal: AbortSignal,
  check: (recipe: Recipe) => void = () => undefined,
): Promise<void> {
  const {
    run,
    out,
    overwrite,
    allowShortage,
    plugin,
    trust,
    offline,
    tensorboard,
    json,
    recipe: file,
  } = common.parse(flags);
  const { recipe: read, references, recipeFile, locate } = await recipeOf(flags, given, file, offline);
  check(read);
  const path = run ?? (await folderFor(join('runs', out === undefined ? read.name : nameOf(out))));
  const recipe =
    tensorboard === undefined ? read : drawn(read, tensorboard === true ? join(path, 'tensorboard') : tensorboard);
  const result = await withStdinFile(recipe, { run: path, replace: overwrite }, async (own) => {
    const begun = compress(recipe, {
      references,
      trust: trustOf({ plugin, trust }),
      folder: path,
      replace: overwrite,
      allowShortage,
      signal,
      command: commandLine(),
      hub: await hubAccess(process.env, inform, offline),
      ...(recipeFile === undefined ? {} : { recipeFile, locate }),
      ...own,
    });
    return watch(begun, { folder: path, steps: rowNames(recipe) });
  });
  printFinished(result, { ...recipe, run: path }, json);
}

/** The same with its metrics written for TensorBoard. */
function drawn(recipe: Recipe, folder: string): Recipe {
  return { ...recipe, subscribers: [...recipe.subscribers, { name: 'tensorboard', folder: resolve(folder) }] };
}

/** Flags that a recipe takes from the command line; all others are the recipe's to say. */
const overriding: Readonly<Record<string, (value: unknown, given: ReadonlyMap<string, unknown>) => object>> = {
  model: (model) => ({ model }),
  revision: (revision) => ({ revision }),
  data: (sources) => ({ data: dataOf(z.array(z.string()).parse(sources), 'lines', 'text') }),
  seed: (seed) => ({ seed }),
  threads: () => ({}), // of whatever backend it comes to, see below
  backend: (backend) => ({ backend: backendOf(String(backend)) }),
  plugin: () => ({}), // beside the recipe's own, see below
  out: (folder, given) => ({ export: { folder, overwrite: given.has('overwrite') } }),
};
const always = [
  'recipe',
  'set',
  'run',
  'trust',
  'overwrite',
  'offline',
  'tensorboard',
  'json',
  'time',
  'gpus',
  'allowShortage',
  'quiet',
  'verbose',
];

/** How a recipe says what a flag of that name says. */
const inRecipes = {
  target: 'steps[0].target=50%',
  tokens: 'steps[0].distillation.tokens=1e8',
  length: 'steps[0].distillation.length=512',
  batch: 'steps[0].distillation.batch=4',
  samples: 'steps[0].importance.samples=256',
};

/** The recipe that the flags name or stand for; without one, `required` flags must be given. Throws `InputError`. */
export async function recipeOf(
  flags: unknown,
  given: readonly string[],
  file: string | undefined,
  offline: boolean,
  required: readonly string[] = ['model', 'target', 'data', 'out'],
): Promise<
  Pick<ReadRecipe, 'recipe' | 'references'> & { readonly recipeFile?: string; readonly locate?: ReadRecipe['locate'] }
> {
  const { set } = z.object({ set: z.array(z.string()).default([]) }).parse(flags);
  const assignments = set.map((text) => readAssignment(text, process.cwd()));
  if (file === undefined) {
    const missing = required.filter((name) => !given.includes(name));
    const [first] = missing;
    if (first !== undefined) {
      const fix = `Give ${missing.map((name) => `--${name}`).join(' and ')}, or --recipe with a file ("espalier init" writes one)`;
      throw new InputError({ asked: 'compress a model', found: `there is no --${first}`, fix });
    }
    const hub = await hubAccess(process.env, inform, offline);
    const own = anchorPaths(await recipeOfFlags(runFlags.parse(flags), hub), process.cwd());
    return assignedRecipe(own, assignments, 'given by flags');
  }
  const other = given.find((name) => !(name in overriding) && !always.includes(name));
  if (other !== undefined) {
    const fix = `Set it there, or by --set (${ownValue(inRecipes, other) ?? inRecipes.tokens}); beside --recipe go ${Object.keys(
      overriding,
    )
      .map((name) => `--${name}`)
      .join(', ')}`;
    throw new InputError({
      asked: `compress by recipe "${file}"`,
      found: `--${dashed(other)} is the recipe's to say`,
      fix,
    });
  }
  const values = z.record(z.string(), z.unknown()).parse(flags);
  const written = new Map(given.map((name) => [name, values[name]]));
  const overrides = given.reduce<object>((all, name) => ({ ...all, ...overriding[name]?.(values[name], written) }), {});
  const anchored = z.record(z.string(), z.unknown()).parse(anchorPaths({ ...overrides }, process.cwd()));
  const read = await readRecipe(file, anchored, process.env, assignments);
  const plugins = [...read.recipe.plugins, ...z.array(z.string()).parse(written.get('plugin') ?? [])];
  const { file: recipeFile, locate } = read;
  const threads = z.number().optional().parse(written.get('threads'));
  if (threads === undefined)
    return { recipe: { ...read.recipe, plugins }, references: read.references, recipeFile, locate };
  const backend = { ...read.recipe.backend, threads };
  // Put back in its place, a variable that says which backend would take the threads away again.
  const references = read.references.filter(({ path: [key] }) => key !== 'backend');
  return { recipe: { ...read.recipe, plugins, backend }, references, recipeFile, locate };
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Names of the rows that a recipe's steps will give. */
export function rowNames({ steps, pretraining }: Pick<Recipe, 'steps' | 'pretraining'>): readonly string[] {
  const own = steps.flatMap(({ name, compare }, index) =>
    ['pruned', 'distilled', ...compare].map((row) => `${name ?? `step-${index + 1}`}/${row}`),
  );
  return [pretraining === undefined ? 'teacher' : 'pretrained', ...own];
}

/** A folder that is free; says so where the first one holds a run that was not completed. */
async function folderFor(first: string): Promise<string> {
  const path = freeFolder(first);
  const isOpen = path !== first && (await holdsRun(first)) && !existsSync(join(first, recordNames.summary));
  if (isOpen && (await lockOwner(first)) === undefined)
    inform(
      `${first} holds a run that has stopped (go on with it: espalier resume ${first}); this is another, in ${path}`,
    );
  return path;
}

/** The folder, or the first of folder-2, folder-3, … that is not taken: an earlier run is never touched. */
function freeFolder(path: string): string {
  for (let number = 1; ; number++) {
    const own = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(own)) return own;
  }
}

/** The command as it was given, for the record. */
export function commandLine(): string {
  return ['espalier', ...process.argv.slice(2)].join(' ');
}
