// The trained students that a run folder holds.
import { join } from 'node:path';
import { exists, InputError } from '@espalier/core';
import { z } from 'zod';
import { findDamage, unitFolder, unitNames } from './run-folder.js';
import { readRunFile } from './small-files.js';

/** Units that leave a trained model, and the name of its row. */
const trained = /^(.*)\/(?:distil|pretrain)$/;

/** Names of units by row. */
async function trainedUnits(run: string): Promise<ReadonlyMap<string, string>> {
  const names = await unitNames(run);
  return new Map(
    names.flatMap((unit) => {
      const row = trained.exec(unit)?.[1];
      return row === undefined ? [] : [[row, unit] as const];
    }),
  );
}

/** The row that a finished run says it is for. */
async function answeredRow(run: string): Promise<string | undefined> {
  const file = join(unitFolder(run, 'answer'), 'answer.json');
  return (await exists(file)) ? (await readRunFile(file, z.looseObject({ row: z.string() }))).row : undefined;
}

/**
 * Name and model folder of a row's student; without a name the one that the run is for, or before it is done the last distilled one's, or of a pretraining its model. Throws `InputError` where there is none.
 */
export async function trainedStudent(
  run: string,
  wanted?: string,
): Promise<{ readonly row: string; readonly folder: string }> {
  const units = await trainedUnits(run);
  const rows = [...units.keys()];
  const row = wanted ?? (await answeredRow(run)) ?? rows.findLast((own) => own.endsWith('/distilled')) ?? rows.at(-1);
  const unit = row === undefined ? undefined : units.get(row);
  if (row !== undefined && unit !== undefined) return { row, folder: join(unitFolder(run, unit), 'student') };
  const found = wanted === undefined ? 'no student is trained yet' : `there is no trained student "${wanted}"`;
  const fix = rows.length === 0 ? `Go on with it: espalier resume ${run}` : `There are ${rows.join(', ')} (--row)`;
  throw new InputError({ asked: `take a student of run "${run}"`, found, fix });
}

/** The same, with every byte of it as it was written. Throws `InputError` also for a student that is damaged. */
export async function intactStudent(run: string, wanted?: string): ReturnType<typeof trainedStudent> {
  const student = await trainedStudent(run, wanted);
  const unit = (await trainedUnits(run)).get(student.row);
  const damage = await findDamage(run, unit);
  if (damage !== undefined) throw new InputError({ asked: `take student "${student.row}" of run "${run}"`, ...damage });
  return student;
}
