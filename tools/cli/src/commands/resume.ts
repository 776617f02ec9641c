// `espalier resume`: goes on with a run that was stopped, killed or has failed, and may send its model elsewhere.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkNotLocked, checkSaveTarget, unitFolder } from '@espalier/core';
import { z } from 'zod';
import { parseRecipe, readRecord, resumeRun, writeRecord, type Recipe, type StopRequest } from '@espalier/run';
import { checkRunPlaces, rowNames } from './compress.js';
import { printFinished, sessionOptions } from './output.js';

const schema = z.object({
  out: z.string().optional(),
  overwrite: z.boolean().default(false),
  offline: z.boolean().default(false),
  json: z.boolean(),
});

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function resumeCommand(run: string, given: unknown, stop: StopRequest): Promise<void> {
  const { out, overwrite, json, offline } = schema.parse(given);
  const { recipe } =
    out === undefined ? await readRecord(run) : await redirected(run, { folder: resolve(out), overwrite });
  const options = await sessionOptions(stop, { offline, steps: rowNames(recipe.steps) });
  try {
    const finished = await resumeRun(run, options);
    options.progress.stop();
    printFinished(finished, run, json);
  } finally {
    options.progress.stop();
  }
}

/** Changes where a run's model goes: in its record, so that a later resume knows it; a model that is already elsewhere stays there. */
async function redirected(
  run: string,
  to: { readonly folder: string; readonly overwrite: boolean },
): Promise<{ readonly recipe: Recipe }> {
  const { recipe: before, record } = await readRecord(run);
  await checkNotLocked(run);
  const recipe = parseRecipe({ ...before, export: { ...before.export, ...to } }, `of run "${run}"`);
  await checkRunPlaces({ ...recipe, model: record.model.folder }, run);
  if (before.export?.folder !== to.folder) {
    if (recipe.export?.exporter.name === 'safetensors') await checkSaveTarget(to.folder, to.overwrite);
    await rm(unitFolder(run, 'export'), { recursive: true, force: true });
  }
  await writeRecord(run, recipe, record);
  return { recipe };
}
