// `espalier resume`: goes on with a run that was stopped, killed or has failed, and may send its model elsewhere.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { hubAccess, readRecord, recordNames, resume } from '@espalier/run';
import { inform, noteLines } from '../terminal/notes.js';
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
  const { recipe } = await readRecord(run);
  const options = {
    ...(tokens === undefined ? {} : { tokens }),
    ...(out === undefined ? {} : { out: { folder: resolve(out), overwrite } }),
    signal,
    hub: await hubAccess(process.env, inform, offline),
    trust: trustOf({ plugin, trust }),
  };
  const complete = tokens === undefined && out === undefined && existsSync(join(run, recordNames.summary));
  const result = await watch(resume(run, options), { folder: run, steps: rowNames(recipe) });
  printFinished(result, { ...recipe, run }, json);
  if (complete)
    noteLines(
      'The run was complete already, and is as it was. Further:',
      `  espalier resume ${run} --tokens N    the last training goes on to N tokens in all`,
      `  espalier export ${run} --row ROW     writes another row of the table as a model`,
    );
}
