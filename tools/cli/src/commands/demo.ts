// `espalier demo`, which `npm start` runs: the bundled teacher to half its size, by width and by depth.
import { z } from 'zod';
import { backendOf, beginRun, readRecipe, type StopRequest } from '@espalier/run';
import { commandLine, rowNames } from './compress.js';
import { printFinished, sessionOptions } from './output.js';

const schema = z.object({
  run: z.string(),
  tokens: z.number().optional(),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed. */
export async function demoCommand(given: unknown, stop: StopRequest): Promise<void> {
  const { run, tokens, seed, threads, backend, json } = schema.parse(given);
  const { recipe: read, references, file } = await readRecipe('demo', { seed, backend: backendOf(backend, threads) });
  const steps = read.steps.map((step) => ({
    ...step,
    distillation: { ...step.distillation, ...(tokens === undefined ? {} : { tokens }) },
  }));
  const recipe = { ...read, steps };
  const options = await sessionOptions(stop, { steps: rowNames(steps) });
  try {
    const begun = { recipe, references, path: run, replace: true, command: commandLine(), recipeFile: file };
    const finished = await beginRun(begun, options);
    options.progress.stop();
    printFinished(finished, run, json);
  } finally {
    options.progress.stop();
  }
}
