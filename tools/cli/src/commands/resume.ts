// `espalier resume`: goes on with a run that was stopped, killed or has failed.
import { z } from 'zod';
import { readRecord, resumeRun, type StopRequest } from '@espalier/run';
import { rowNames } from './compress.js';
import { printFinished, sessionOptions, trustOf } from './output.js';

const schema = z.object({
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  offline: z.boolean().default(false),
  json: z.boolean(),
});

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function resumeCommand(run: string, given: unknown, stop: StopRequest): Promise<void> {
  const { json, offline, plugin, trust } = schema.parse(given);
  const { recipe } = await readRecord(run);
  const options = await sessionOptions(stop, {
    offline,
    trust: trustOf({ plugin, trust }),
    steps: rowNames(recipe.steps),
  });
  try {
    const finished = await resumeRun(run, options);
    options.progress.stop();
    printFinished(finished, run, json);
  } finally {
    options.progress.stop();
  }
}
