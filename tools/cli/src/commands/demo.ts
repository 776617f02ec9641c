// `espalier demo`, which `npm start` runs: the bundled teacher to half its size, by width and by depth.
import { fileURLToPath } from 'node:url';
import { tinyTalesAssets } from '@espalier/plugins';
import { z } from 'zod';
import { runComparison } from '../run-comparison.js';
import { createWorkbench, startBackend } from '../wiring.js';

const schema = z.object({
  run: z.string(),
  tokens: z.number().default(300_000),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed. */
export async function demoCommand(given: unknown, signal?: AbortSignal): Promise<void> {
  const { run, tokens, seed, threads, backend, json } = schema.parse(given);
  const workbench = createWorkbench({ seed, threads, backend });
  await startBackend(workbench.context.backend);
  await runComparison(
    {
      model: fileURLToPath(tinyTalesAssets),
      target: '50%',
      data: 'tinytales',
      split: 'lines',
      evalSplit: 'lines',
      methods: [
        { name: 'width', trainings: ['distilled', 'lm-loss', 'scratch'] },
        { name: 'depth', trainings: ['distilled'] },
      ],
      tokens,
      length: 256,
      batch: 4,
      warmup: 20,
      samples: 256,
      run,
      seed,
      json,
    },
    workbench,
    signal,
  );
}
