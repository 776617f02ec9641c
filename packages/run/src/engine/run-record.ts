// What a run folder says about its run: the resolved recipe, and where everything came from. Written before any work, read by
// resume and status.
import { lstat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { attempt, exists, InputError, type Json, listFolder } from '@espalier/core';
import { z } from 'zod';
import { digestJson } from '../folder/digest.js';
import { knownFile } from '../folder/known-files.js';
import { clearRunFolder } from '../folder/run-folder.js';
import { runFiles } from '../folder/run-folder.js';
import { readRunFile, writeJsonFile } from '../folder/small-files.js';
import { parseRecipe, readWritten } from '../recipe/read-recipe.js';
import type { Recipe } from '../recipe/schema.js';
import { referenced, settled, withReferences, type ReferencePlace } from '../secrets/references.js';
import type { Variables } from '../secrets/variables.js';
import type { OpenedRecipe } from './open-recipe.js';
import { versions } from './workbench.js';

export const recordNames = {
  recipe: 'recipe.json',
  run: runFiles.record,
  summary: 'summary.json',
  stdin: 'stdin.txt',
} as const;

const recordSchema = z.strictObject({
  format: z.literal(1),
  /** The command that began it. */
  command: z.string(),
  /** ISO 8601. */
  started: z.string(),
  /** Digest of recipe.json's content. */
  recipeHash: z.string(),
  /** File that the recipe was read from; `null` for flags. */
  recipeFile: z.string().nullable(),
  /** Digest of what that file and its bases said; `null` where they could not be read. */
  recipeFileHash: z.string().nullable().default(null),
  versions: z.record(z.string(), z.string()),
  cores: z.int(),
  /** Where the model is, its identity, and its files as they were hashed: those that nothing was written to since are not hashed again. */
  model: z.strictObject({
    folder: z.string().refine(isAbsolute, 'an absolute path was written'),
    hash: z.string(),
    files: z.record(z.string(), knownFile).default({}),
  }),
  data: z.json(),
  /** Each time that it was complete and went on: which row, from and to how many tokens in all, and when (ISO 8601). */
  continued: z.array(z.strictObject({ row: z.string(), from: z.int(), to: z.int(), at: z.string() })).default([]),
});

export type RunRecord = Readonly<Omit<z.infer<typeof recordSchema>, 'data'>> & { readonly data: Json };

/** Whether a folder holds a run. Throws `InputError` where that cannot be told. */
export function holdsRun(path: string): Promise<boolean> {
  return exists(join(path, recordNames.run));
}

/** Where checkpoints of trainings are while they are not done, and the last one of the last training afterwards. */
export const checkpointsFolder = 'checkpoints';

/**
 * Throws `InputError` for a folder without a run that holds something where a run would put its own; the same recipe, an empty folder and a text
 * from standard input may be there, as a beginning that was broken off leaves them.
 */
export async function checkUnclaimed(path: string, recipe: Json): Promise<void> {
  const { stdin: _text, run: _record, recipe: recipeName, ...others } = recordNames;
  for (const name of [runFiles.events, runFiles.units, checkpointsFolder, ...Object.values(others)])
    if (await holdsSomething(join(path, name))) throw claimed(path, name);
  const file = join(path, recipeName);
  if (!(await exists(file))) return;
  const same = await readRunFile(file, z.json()).then(
    (own) => digestJson(own) === digestJson(recipe),
    () => false,
  );
  if (!same) throw claimed(path, recipeName);
}

async function holdsSomething(path: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  const facts = await attempt({ asked: `look at ${path}`, fix: 'Give another folder (--run)' }, () => lstat(path));
  return !facts.isDirectory() || (await listFolder(path)).length > 0;
}

function claimed(path: string, name: string): InputError {
  return new InputError({
    asked: `write a run to "${path}"`,
    found: `no run is there, but something of the name "${name}", which a run would replace`,
    fix: 'Give another folder (--run), or --overwrite to lose it',
  });
}

/** Removes what an earlier run has left, and nothing else. Throws `InputError` where that cannot be. */
export function clearRun(path: string): Promise<void> {
  const { stdin: _kept, ...own } = recordNames;
  return clearRunFolder(path, [checkpointsFolder, ...Object.values(own)]);
}

/** The record of a run that begins now. */
export async function newRecord(
  { command, recipeFile }: { readonly command: string; readonly recipeFile: string | undefined },
  { original, files, data, bench }: OpenedRecipe,
): Promise<Omit<RunRecord, 'format' | 'recipeHash'>> {
  return {
    command,
    started: new Date().toISOString(),
    recipeFile: recipeFile ?? null,
    recipeFileHash: recipeFile === undefined ? null : await recipeFileHash(recipeFile),
    versions: versions(bench.context.backend),
    cores: availableParallelism(),
    model: { folder: resolve(original.model.folder), hash: original.hash, files },
    data: data.identity,
    continued: [],
  };
}

/** Digest of what a recipe's file and its bases say; `null` where they cannot be read. */
export function recipeFileHash(file: string): Promise<string | null> {
  return readWritten(file).then(digestJson, () => null);
}

/** A recipe as it is written and shown: with references where it has what variables of the environment hold. */
export function storedRecipe(recipe: Recipe, references: readonly ReferencePlace[]): Json {
  return z.json().parse(withReferences(JSON.parse(JSON.stringify(recipe)), references));
}

/** Writes both files; the recipe as `storedRecipe` gives it. */
export async function writeRecord(
  path: string,
  recipe: Json,
  record: Omit<RunRecord, 'format' | 'recipeHash'>,
): Promise<void> {
  await writeJsonFile(join(path, recordNames.recipe), recipe);
  await writeJsonFile(join(path, recordNames.run), { format: 1, ...record, recipeHash: digestJson(recipe) });
}

/** Writes the record of a run whose recipe stays as it is. */
export function rewriteRecord(path: string, record: RunRecord): Promise<void> {
  return writeJsonFile(join(path, recordNames.run), record);
}

/** Reads both files, the recipe as it is stored. Throws `InputError` where there is no run, and for a recipe that was changed since the run began. */
export async function readStored(path: string): Promise<{ readonly stored: Json; readonly record: RunRecord }> {
  if (!(await holdsRun(path))) {
    const found = (await exists(path)) ? 'the folder holds no run' : 'there is no such folder';
    const fix =
      'Give the folder of a run: what compress(recipe, { folder }) was given, or "espalier compress" names (runs/NAME)';
    throw new InputError({ asked: `open run "${path}"`, found, fix });
  }
  const record = await readRunFile(join(path, recordNames.run), recordSchema);
  const stored = await readRunFile(join(path, recordNames.recipe), z.json());
  if (digestJson(stored) === record.recipeHash) return { stored, record };
  throw new InputError({
    asked: `open run "${path}"`,
    found: `${recordNames.recipe} was changed since the run began`,
    fix: 'Put it back as it was; for other settings, begin a new run',
  });
}

/** A run's recipe and record. */
export interface ReadRun {
  readonly recipe: Recipe;
  readonly stored: Json;
  readonly record: RunRecord;
}

/** The same with the recipe as it is used: its variables are looked up again. Throws `InputError` also for one that is not set. */
export async function readRecord(path: string, variables: Variables = process.env): Promise<ReadRun> {
  const { stored, record } = await readStored(path);
  const whole = referenced(stored, variables, `read the recipe of run "${path}"`);
  return { recipe: parseRecipe(settled(whole).value, join(path, recordNames.recipe)), stored, record };
}
