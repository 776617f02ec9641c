// The trained students that a run folder holds.
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { unitFolder, unitNames } from './run-folder.js';

const ending = '/distil';

/** Names of the rows that were trained, in the order of their making. */
export async function trainedRows(run: string): Promise<readonly string[]> {
  const names = await unitNames(run);
  return names.filter((unit) => unit.endsWith(ending)).map((unit) => unit.slice(0, -ending.length));
}

/**
 * Name and model folder of a row's student; without a name the last distilled one's. Throws `InputError` where there is none.
 */
export async function trainedStudent(
  run: string,
  wanted?: string,
): Promise<{ readonly row: string; readonly folder: string }> {
  const rows = await trainedRows(run);
  const row = wanted ?? rows.findLast((own) => own.endsWith('/distilled'));
  if (row !== undefined && rows.includes(row)) {
    return { row, folder: join(unitFolder(run, `${row}${ending}`), 'student') };
  }
  const found = wanted === undefined ? 'no student is trained yet' : `there is no trained student "${wanted}"`;
  const fix = rows.length === 0 ? `Go on with it: espalier resume ${run}` : `There are ${rows.join(', ')} (--row)`;
  throw new InputError({ asked: `take a student of run "${run}"`, found, fix });
}
