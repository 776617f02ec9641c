// `espalier resume`: goes on with a run that was stopped, killed or has failed.
import { z } from 'zod';
import { hubAccess, readRecord, resume } from '@espalier/run';
import { rowNames } from './compress.js';
import { printFinished, say, watch } from './output.js';

const schema = z.object({ offline: z.boolean().default(false), json: z.boolean() });

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function resumeCommand(run: string, given: unknown, signal: AbortSignal): Promise<void> {
  const { json, offline } = schema.parse(given);
  const { recipe } = await readRecord(run);
  const hub = await hubAccess(process.env, say, offline);
  printFinished(await watch(resume(run, { signal, hub }), { folder: run, steps: rowNames(recipe.steps) }), run, json);
}
