// A finished run that is continued for more tokens: its last training goes on from its last checkpoint, and what depends on it is
// made again. What is asked for goes into the record first, so that a continuation that is killed is resumed as any other run.
import { join } from 'node:path';
import { exists, InputError, present } from '@espalier/core';
import { z } from 'zod';
import { checkpointNames } from '../folder/checkpoints.js';
import { readManifest } from '../folder/manifest.js';
import { unitFolder } from '../folder/run-folder.js';
import type { Recipe } from '../recipe/schema.js';
import type { EngineStep } from './engine.js';
import { checkpointsFolder, recordNames, type RunRecord } from './run-record.js';

/** The row that a run trains last, comparisons left out: what can be continued. */
export function lastRow({ steps }: { readonly steps: readonly Pick<EngineStep, 'name'>[] }): string {
  const last = steps.at(-1);
  return last === undefined ? 'pretrained' : `${last.name}/distilled`;
}

/** The unit that trains it. */
function unitOf(row: string): string {
  return row === 'pretrained' ? 'pretrained/pretrain' : `${row}/distil`;
}

/** Whether a unit depends on the last training, so that it is made again when that has gone on. */
export function dependsOn(row: string, unit: string): boolean {
  const [method] = row.split('/');
  const whole = ['speed', 'samples', 'export', 'answer'];
  return unit.startsWith(`${row}/`) || unit.startsWith(`${method}/transform/`) || whole.includes(unit);
}

const trainedOn = z.looseObject({ tokens: z.int() });

/** The run as it is read from its folder, with its strategies made. */
interface Continuable {
  readonly recipe: Recipe;
  readonly record: RunRecord;
  readonly steps: readonly EngineStep[];
}

/**
 * The record of a run whose last training is to have so many tokens in all; as it was where just that has begun. Throws
 * `InputError` where there is nothing to continue.
 */
export async function continuedRecord(
  run: string,
  tokens: number,
  { recipe, record, steps }: Continuable,
): Promise<RunRecord> {
  const row = lastRow({ steps });
  const refuse = (found: string, fix: string): InputError =>
    new InputError({ asked: `continue "${row}" of run "${run}" to ${tokens} tokens`, found, fix });
  const step = steps.at(-1)?.recipe.distillation;
  if (step?.stop !== undefined)
    throw refuse(`"${step.stop.name}" ends its training, not a number of tokens`, 'Begin a new run without that rule');
  const before = record.continued.at(-1)?.to;
  const done = await readManifest(unitFolder(run, unitOf(row)));
  const from = done && trainedOn.parse(done.inputs).tokens;
  if (from === undefined || from !== (before ?? from) || !(await exists(join(run, recordNames.summary)))) {
    if (before === tokens) return record;
    const fix = `Go on with it first (espalier resume ${run}, in code resume(folder)), and then continue it`;
    throw refuse('the run is not complete', fix);
  }
  const { batch, length, accumulate } = present(step ?? recipe.pretraining, 'the last training');
  const inSteps = (own: number): number => Math.ceil(own / (batch * length * accumulate));
  if (inSteps(tokens) <= inSteps(from))
    throw refuse(`it was trained on ${from} tokens`, 'Give more: they count from the beginning of the training');
  if ((await checkpointNames(join(run, checkpointsFolder, ...row.split('/')))).length === 0)
    throw refuse('its last checkpoint was not kept', 'Begin a new run, with checkpoints.keepLast: true');
  return { ...record, continued: [...record.continued, { row, from, to: tokens, at: new Date().toISOString() }] };
}
