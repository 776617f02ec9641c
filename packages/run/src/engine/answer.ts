// Which of its models a run is for, and that model's digest: what report, card and verdict speak of.
import { loadModel, modelHash, type Model } from '@espalier/core';
import { z } from 'zod';
import { methodOf } from '../report/row-names.js';
import { commonInputs, type Engine } from './engine.js';
import { exportedRow, type ExportedModel } from './export.js';
import type { RecipeResult } from './run-recipe.js';
import { jsonUnit } from './units.js';

const answerSchema = z.strictObject({
  /** Name of its row. */
  row: z.string(),
  /** SHA-256 of its shape and weights (`modelHash`), as exported where it is: an exporter may round. */
  hash: z.string(),
  /** Whether it learnt from the teacher, and not from the text alone. */
  taught: z.boolean(),
});

/** The model that a run is for: what it exports, else the last step's student, or where there is no step the pretrained one. */
export type Answer = z.infer<typeof answerSchema>;

/** Name of the row that a run is for. Throws `InputError` for an export of a step that is not there. */
export function answerRow(engine: Pick<Engine, 'recipe' | 'steps'>): string {
  const last = engine.steps.at(-1);
  return exportedRow(engine) ?? (last === undefined ? 'pretrained' : `${last.name}/distilled`);
}

/** Digests the model that the run is for and tells of it. Undefined where it was not trained. */
export async function tellAnswer(
  engine: Engine,
  { trained }: RecipeResult,
  exported: ExportedModel | undefined,
): Promise<Answer | undefined> {
  const row = answerRow(engine);
  const student = trained.get(row);
  if (student === undefined) return undefined;
  const folder = exported?.difference === undefined ? undefined : exported.folder;
  const inputs = { ...commonInputs(engine), student: student.hash, exporter: engine.recipe.export?.exporter ?? null };
  const unit = jsonUnit({ name: 'answer', inputs }, 'answer.json', answerSchema, async () => {
    const hash = folder === undefined ? await modelHash(student.model) : await folderHash(engine, folder);
    const step = engine.steps.find(({ name }) => name === methodOf(row));
    return { row, hash, taught: step?.resolved.losses.some(({ term }) => term.needsTeacher) === true };
  });
  const { value } = await engine.units.do(unit);
  const data = { ...value, ...(exported === undefined ? {} : { folder: exported.folder }) };
  engine.tell({ type: 'finding', name: 'answer', message: '', data, run: row, stage: 'answer', time: 0 });
  return value;
}

async function folderHash({ bench }: Engine, folder: string): Promise<string> {
  const { model, close }: { readonly model: Model; close(): Promise<void> } = await loadModel(folder, bench.families);
  try {
    return await modelHash(model);
  } finally {
    await close();
  }
}
