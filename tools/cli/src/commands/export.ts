// `espalier export`: a student of a run as a folder of its own.
import { checkSaveTarget, exportModel, InputError, loadModel, unitFolder, unitNames } from '@espalier/core';
import { join } from 'node:path';
import { z } from 'zod';
import { readRecord } from '../engine/run-record.js';
import { createWorkbench } from '../wiring.js';
import { checkReload } from '../reload.js';
import { printJson } from './output.js';

const schema = z.object({
  out: z.string(),
  row: z.string().optional(),
  storage: z.enum(['F32', 'F16', 'BF16']).optional(),
  overwrite: z.boolean(),
  json: z.boolean(),
});
const ending = '/distil';

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function exportCommand(run: string, given: unknown): Promise<void> {
  const { out, row: wanted, storage, overwrite, json } = schema.parse(given);
  const { recipe } = await readRecord(run);
  const rows = (await unitNames(run))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));
  const row = wanted ?? rows.findLast((name) => name.endsWith('/distilled')) ?? '';
  if (!rows.includes(row)) {
    const found = wanted === undefined ? 'no student is trained yet' : `there is no trained student "${row}"`;
    const fix = rows.length === 0 ? `Go on with it: espalier resume ${run}` : `There are ${rows.join(', ')} (--row)`;
    throw new InputError({ asked: `export from run "${run}"`, found, fix });
  }
  await checkSaveTarget(out, overwrite);
  const bench = createWorkbench({ seed: recipe.seed, backend: recipe.backend });
  const { model, close } = await loadModel(join(unitFolder(run, `${row}${ending}`), 'student'), bench.families);
  try {
    await exportModel(model, out, { overwrite, ...(storage === undefined ? {} : { storage }) });
    // Another storage type rounds the weights: then the folder is not the same model.
    const difference =
      storage === undefined ? await checkReload(model, out, { batch: 1, length: 16 }, bench) : undefined;
    const result = { run, row, folder: out, ...(difference === undefined ? {} : { difference }) };
    if (json) printJson(result);
    else process.stdout.write(`${out}: ${row}\n`);
  } finally {
    await close();
  }
}
