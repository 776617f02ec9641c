// The verbs of single stages: a run is begun or gone on with, and ends after that stage; what was done before is not done again.
import { InputError } from '@espalier/core';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import {
  compress,
  holdsRun,
  hubAccess,
  readRecipe,
  readRecord,
  resume,
  type RunEvent,
  type StageName,
  unitNames,
} from '@espalier/run';
import { commandLine } from './compress.js';
import { inform } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';
import { trustOf, watch } from './output.js';

const schema = z.object({
  recipe: z.string().optional(),
  step: z.string().optional(),
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  offline: z.boolean().default(false),
  allowShortage: z.boolean().default(false),
  out: z.string().optional(),
  overwrite: z.boolean().default(false),
  json: z.boolean(),
});

/** Runs a stage's verb with the run's folder and the flags that commander has parsed. */
export async function stageCommand(stage: StageName, run: string, given: unknown, signal: AbortSignal): Promise<void> {
  const { recipe: file, step, plugin, trust, offline, allowShortage, out, overwrite, json } = schema.parse(given);
  const asked = `${stage} in run "${run}"`;
  const there = await holdsRun(run);
  if (!there && file === undefined) {
    throw new InputError({ asked, found: 'there is no run yet', fix: 'Give --recipe to begin one' });
  }
  if (there && file !== undefined) {
    throw new InputError({
      asked,
      found: 'the run has its recipe',
      fix: 'Leave --recipe out, or choose another folder',
    });
  }
  const read = file === undefined ? undefined : await readRecipe(file);
  const recipe = read?.recipe ?? (await readRecord(run)).recipe;
  const names = recipe.steps.map(({ name }, index) => name ?? `step-${index + 1}`);
  if (step !== undefined && !names.includes(step)) {
    throw new InputError({ asked, found: `there is no step "${step}"`, fix: `The steps are ${names.join(', ')}` });
  }
  const until = {
    stage,
    ...(step === undefined ? {} : { step }),
    ...(out === undefined ? {} : { out: { folder: out, overwrite } }),
  };
  const hub = await hubAccess(process.env, inform, offline);
  const options = { signal, hub, until, trust: trustOf({ plugin, trust }) };
  const begin = (): Observable<RunEvent> =>
    read === undefined
      ? resume(run, options)
      : compress(recipe, {
          ...options,
          allowShortage,
          folder: run,
          command: commandLine(),
          references: read.references,
          recipeFile: read.file,
          locate: read.locate,
        });
  await watch(begin(), { folder: run });
  const complete = await unitNames(run);
  if (json) printJson({ run, stage, complete });
  else printLines(`${run}: ${complete.join(', ')}`);
}
