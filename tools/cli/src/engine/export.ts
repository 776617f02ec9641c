// The chosen student as a folder outside the run, reloaded and compared with the model in memory.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile, exportModel, InputError } from '@espalier/core';
import { z } from 'zod';
import { checkReload } from '../reload.js';
import { jsonUnit, unitContext, type Engine } from './engine.js';
import type { RunResult } from './run-recipe.js';
import type { TrainedModel } from './train.js';

export interface ExportedModel {
  readonly folder: string;
  /** Name of the row that it is. */
  readonly row: string;
  /** Largest difference of a logit after reloading. */
  readonly difference: number;
}

const exportedSchema = z.strictObject({ folder: z.string(), row: z.string(), difference: z.number() });

/** Name of the row that a recipe exports. Throws `InputError` for a step that is not there. */
export function exportedRow({ recipe, steps }: Pick<Engine, 'recipe' | 'steps'>): string | undefined {
  if (recipe.export === undefined) return undefined;
  const names = steps.map(({ name }) => name);
  const step = recipe.export.step ?? names.at(-1) ?? '';
  if (names.includes(step)) return `${step}/distilled`;
  throw new InputError({
    asked: `export step "${step}"`,
    found: `the steps are ${names.join(', ')}`,
    fix: 'Name one of them',
  });
}

/** Writes the folder that the recipe asks for, if it does. */
export async function exportStudent(engine: Engine, { trained }: RunResult): Promise<ExportedModel | undefined> {
  const row = exportedRow(engine);
  const student = row === undefined ? undefined : trained.get(row);
  const { export: wanted } = engine.recipe;
  if (wanted === undefined || row === undefined || student === undefined) return undefined;
  const { folder, overwrite } = wanted;
  const inputs = { student: student.hash, folder };
  const made = await jsonUnit(engine, 'export', inputs, { file: 'exported.json', schema: exportedSchema }, async () => {
    // A run that was cut off after the folder had come into place finds it there.
    if (!(await holds(folder, student))) await exportModel(student.model, folder, { overwrite });
    const { batch, length } = engine.recipe.steps[0]?.distillation ?? { batch: 1, length: 64 };
    const size = { batch: Math.min(batch, 4), length: Math.min(length, 64) };
    const difference = await checkReload(student.model, folder, size, {
      ...engine.bench,
      context: unitContext(engine),
    });
    return { folder, row, difference };
  });
  return made.value;
}

/** Whether a folder has every file of a student, byte for byte. */
async function holds(folder: string, { folder: own }: TrainedModel): Promise<boolean> {
  if (!existsSync(folder)) return false;
  for (const name of await readdir(own)) {
    const other = join(folder, name);
    if (!existsSync(other)) return false;
    if ((await digestFile(other)).sha256 !== (await digestFile(join(own, name))).sha256) return false;
  }
  return true;
}
