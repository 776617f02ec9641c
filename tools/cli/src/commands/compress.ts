// `espalier compress`: a smaller model out of a larger one, and the table that says what it cost.
import { basename, join } from 'node:path';
import { parseTarget, type Target, type TargetShape } from '@espalier/core';
import { z } from 'zod';
import type { Training } from '../comparison.js';
import { runComparison, type MethodRequest } from '../run-comparison.js';
import { createWorkbench, startBackend } from '../wiring.js';

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
  backend: z.string().default('ort'),
  json: z.boolean(),
});

/** Runs the verb with the flags that commander has parsed. */
export async function compressCommand(given: unknown, signal?: AbortSignal): Promise<void> {
  const { out, method, compare, run, overwrite, threads, backend, ...flags } = schema.parse(given);
  const methods = methodsFor(parseTarget(flags.target), method, compare);
  const workbench = createWorkbench({ seed: flags.seed, threads, backend });
  await startBackend(workbench.context.backend);
  await runComparison(
    {
      ...flags,
      methods,
      run: run ?? join('runs', basename(out)),
      export: { row: `${methods[0].name}/distilled`, folder: out, overwrite },
    },
    workbench,
    signal,
  );
}

function methodOf({ layers, attentionLayers, ffnLayers, ...widths }: TargetShape): MethodRequest['name'] {
  const halves = attentionLayers !== undefined || ffnLayers !== undefined;
  if (Object.keys(widths).length > 0) return layers === undefined && !halves ? 'width' : 'joint';
  return halves ? 'sublayer' : 'depth';
}

/** A size can be reached by width or by depth; an explicit shape says by itself which of them, or both, it takes. */
function methodsFor(
  target: Target,
  method: 'width' | 'depth',
  compare: boolean,
): readonly [MethodRequest, ...MethodRequest[]] {
  const trainings: readonly Training[] = compare ? ['distilled', 'lm-loss', 'scratch'] : ['distilled'];
  if (target.kind === 'shape') {
    return [{ name: methodOf(target.shape), trainings }];
  }
  const other: MethodRequest = { name: method === 'width' ? 'depth' : 'width', trainings: ['distilled'] };
  return compare ? [{ name: method, trainings }, other] : [{ name: method, trainings }];
}
