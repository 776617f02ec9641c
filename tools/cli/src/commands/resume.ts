// `espalier resume`: goes on with a run that was stopped, killed or has failed, and may send its model elsewhere.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkSaveTarget } from '@espalier/core';
import { z } from 'zod';
import { checkRunPlaces, hubAccess, readRecord, resume, writeRecord, checkNotLocked, unitFolder } from '@espalier/run';
import { inform } from '../terminal/notes.js';
import { rowNames } from './compress.js';
import { printFinished, trustOf, watch } from './output.js';

const schema = z.object({
  out: z.string().optional(),
  tokens: z.number().optional(),
  overwrite: z.boolean().default(false),
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  offline: z.boolean().default(false),
  json: z.boolean(),
});

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function resumeCommand(run: string, given: unknown, signal: AbortSignal): Promise<void> {
  const { out, tokens, overwrite, json, offline, plugin, trust } = schema.parse(given);
  if (out !== undefined) await redirect(run, { folder: resolve(out), overwrite });
  const { recipe } = await readRecord(run);
  const options = {
    ...(tokens === undefined ? {} : { tokens }),
    signal,
    hub: await hubAccess(process.env, inform, offline),
    trust: trustOf({ plugin, trust }),
  };
  const result = await watch(resume(run, options), { folder: run, steps: rowNames(recipe) });
  printFinished(result, { ...recipe, run }, json);
}

/** Changes where a run's model goes: in its record, so that a later resume knows it; a model that is already elsewhere stays there. */
async function redirect(run: string, to: { readonly folder: string; readonly overwrite: boolean }): Promise<void> {
  const { recipe, stored, record } = await readRecord(run);
  await checkNotLocked(run);
  const wanted = { ...recipe.export, ...to };
  await checkRunPlaces({ model: record.model.folder, export: wanted }, run);
  if (recipe.export?.folder !== to.folder) {
    if ((recipe.export?.exporter.name ?? 'safetensors') === 'safetensors')
      await checkSaveTarget(to.folder, to.overwrite);
    await rm(unitFolder(run, 'export'), { recursive: true, force: true });
  }
  const before = z.record(z.string(), z.json()).parse(stored);
  const own = z.record(z.string(), z.json()).optional().parse(before['export']);
  await writeRecord(run, { ...before, export: { ...own, ...to } }, record);
}
