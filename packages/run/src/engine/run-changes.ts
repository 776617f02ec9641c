// What has become of a run since it began: a folder that holds one, and models, texts, recipes and machines that are no longer the same.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InputError, type Json } from '@espalier/core';
import { z } from 'zod';
import { differences } from '../folder/difference.js';
import { digestJson } from '../folder/digest.js';
import { readRunFile } from '../folder/small-files.js';
import { readRecipe } from '../recipe/read-recipe.js';
import type { OpenedRecipe } from './open-recipe.js';
import {
  checkUnclaimed,
  holdsRun,
  readStored,
  recipeFileHash,
  recordNames,
  storedRecipe,
  type RunRecord,
} from './run-record.js';

/** Throws `InputError` where a run is in the folder already, saying what can be done about it, and where something else is that it would replace. */
export async function refuseOccupied(path: string, recipe: Json): Promise<void> {
  if (!(await holdsRun(path))) return checkUnclaimed(path, recipe);
  const before = await readStored(path).catch(() => undefined);
  const done = await readRunFile(join(path, recordNames.summary), z.unknown()).then(
    () => true,
    () => false,
  );
  const same = before !== undefined && digestJson(before.stored) === digestJson(recipe);
  const begin = done ? 'Choose' : `Go on with it (espalier resume ${path}, in code resume(folder)), choose`;
  throw new InputError({
    asked: `begin a run in "${path}"`,
    found: `a run${same ? ' of the same recipe' : ''} is there already, ${done ? 'and it is complete' : 'not complete'}`,
    fix: `${begin} another folder (--run, in code folder), or replace it (--overwrite, in code replace)`,
  });
}

/** Things that need not stop a run, but explain other bytes. */
export async function sayWhatChanged(
  stored: Json,
  record: RunRecord,
  versions: RunRecord['versions'],
  say: (line: string) => void,
): Promise<void> {
  const [other] = differences(record.versions, versions);
  if (other !== undefined)
    say(`versions have changed since the run began (${other}): results may differ in the last digits`);
  if (record.cores !== availableParallelism())
    say(
      `the run began on ${record.cores} cores, this machine has ${availableParallelism()}: results may differ in the last digits`,
    );
  if (record.recipeFile === null || (await recipeFileHash(record.recipeFile)) === record.recipeFileHash) return;
  const now = await readRecipe(record.recipeFile).catch(() => undefined);
  const changed = now === undefined ? [] : differences(stored, storedRecipe(now.recipe, now.references));
  const told = changed.filter((line) => !line.startsWith('export') && !line.startsWith('model'));
  const what = told.length === 0 ? '' : `, and now differs from the run (${told.join('; ')})`;
  say(`${record.recipeFile} was changed since the run began${what}; the run goes on with what it began with`);
}

/** Throws `InputError` when model or text are no longer those that the run began with. */
export function checkUnchanged(path: string, record: RunRecord, { original, data }: OpenedRecipe): void {
  const asked = `resume run "${path}"`;
  const fix = 'Put back what it was, or begin a new run';
  if (original.hash !== record.model.hash)
    throw new InputError({ asked, found: `the model in "${record.model.folder}" is not the one it began with`, fix });
  const [changed] = differences(record.data, data.identity);
  if (changed !== undefined)
    throw new InputError({ asked, found: `its text is not the one it began with (${changed})`, fix });
}
