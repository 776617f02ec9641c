// A run whose model is to go elsewhere than its recipe says: what its record would be, checked before anything is written.
import { attempt, checkSaveTarget, InputError } from '@espalier/core';
import { z } from 'zod';
import { removeUnit } from '../folder/run-folder.js';
import { parseRecipe } from '../recipe/read-recipe.js';
import { checkRunPlaces } from '../recipe/places.js';
import { readStored, writeRecord, type ReadRun, type RunRecord } from './run-record.js';

/** Where the model of a run goes. */
export interface ModelPlace {
  /** Absolute path. */
  readonly folder: string;
  /** Whether a model that is there may be replaced. */
  readonly overwrite: boolean;
}

const members = z.record(z.string(), z.json());

/** The run with its model going to a place; nothing is written. Throws `InputError` for a place where it cannot go. */
export async function redirected(run: string, { recipe, stored, record }: ReadRun, to: ModelPlace): Promise<ReadRun> {
  const { folder, overwrite } = to;
  await checkRunPlaces({ model: record.model.folder, export: { folder } }, run);
  const now = parseRecipe({ ...recipe, export: { ...recipe.export, folder, overwrite } }, `of run "${run}"`);
  if (recipe.export?.folder !== folder && now.export?.exporter.name === 'safetensors')
    await checkSaveTarget(folder, overwrite);
  const before = members.parse(stored);
  const own = members.optional().parse(before['export']);
  return { recipe: now, stored: { ...before, export: { ...own, folder, overwrite } }, record };
}

/** Writes what has become of the record; to be done by the one process that works in the folder. A model that is already elsewhere stays there. */
export async function redirect(
  run: string,
  before: ReadRun,
  { stored, recipe }: ReadRun,
  now: RunRecord,
): Promise<void> {
  if (before.recipe.export?.folder !== recipe.export?.folder)
    await attempt({ asked: `change run "${run}"`, fix: 'Give a folder that can be written to' }, async () => {
      for (const unit of ['export', 'answer']) await removeUnit(run, unit);
    });
  await writeRecord(run, stored, now);
}

/** Throws `InputError` where another process has changed a run's record since it was read. */
export async function checkAsRead(run: string, { record }: ReadRun): Promise<void> {
  const { record: now } = await readStored(run);
  if (JSON.stringify(now) === JSON.stringify(record)) return;
  throw new InputError({
    asked: `resume run "${run}"`,
    found: 'another process has begun or changed it meanwhile',
    fix: 'Run the same command again',
  });
}
