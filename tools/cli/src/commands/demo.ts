// `espalier demo`, which `npm start` runs: the bundled teacher to half its size, by width and by depth.
import { z } from 'zod';
import { backendOf, compress, readRecipe } from '@espalier/run';
import { commandLine, rowNames } from './compress.js';
import { printFinished, watch } from './output.js';

const schema = z.object({
  run: z.string(),
  tokens: z.number().optional(),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed. */
export async function demoCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const { run, tokens, seed, threads, backend, json } = schema.parse(given);
  const { recipe: read, references, file } = await readRecipe('demo', { seed, backend: backendOf(backend, threads) });
  const steps = read.steps.map((step) => ({
    ...step,
    distillation: { ...step.distillation, ...(tokens === undefined ? {} : { tokens }) },
  }));
  const recipe = { ...read, steps };
  const begun = compress(recipe, {
    references,
    folder: run,
    replace: true,
    signal,
    command: commandLine(),
    recipeFile: file,
  });
  printFinished(await watch(begun, { folder: run, steps: rowNames(recipe) }), { ...recipe, run }, json);
}
