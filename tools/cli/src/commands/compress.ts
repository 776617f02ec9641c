// `espalier compress`: a smaller model out of a larger one, and the table that says what it cost.
import { basename, join } from 'node:path';
import { z } from 'zod';
import { runComparison, type MethodRequest } from '../run-comparison.js';
import { createWorkbench } from '../wiring.js';

const split = z.enum(['lines', 'whole']);
const schema = z.object({
  model: z.string(),
  target: z.string(),
  data: z.string(),
  out: z.string(),
  method: z.enum(['width', 'depth']),
  compare: z.boolean(),
  split,
  evalData: z.string().optional(),
  evalSplit: split,
  maxTokens: z.number().optional(),
  tokens: z.number().optional(),
  length: z.number(),
  batch: z.number(),
  learningRate: z.number().optional(),
  samples: z.number(),
  warmup: z.number(),
  run: z.string().optional(),
  overwrite: z.boolean(),
  seed: z.number(),
  threads: z.number().optional(),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed. */
export async function compressCommand(given: unknown): Promise<void> {
  const { out, method, compare, run, overwrite, threads, ...flags } = schema.parse(given);
  const chosen: MethodRequest = {
    name: method,
    trainings: compare ? ['distilled', 'lm-loss', 'scratch'] : ['distilled'],
  };
  const other: MethodRequest = { name: method === 'width' ? 'depth' : 'width', trainings: ['distilled'] };
  await runComparison(
    {
      ...flags,
      methods: compare ? [chosen, other] : [chosen],
      run: run ?? join('runs', basename(out)),
      export: { row: `${method}/distilled`, folder: out, overwrite },
    },
    createWorkbench({ seed: flags.seed, ...(threads === undefined ? {} : { threads }) }),
  );
}
