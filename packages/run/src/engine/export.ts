// The chosen student as a folder outside the run, by the exporter that the recipe names; one that other tools load is reloaded and
// compared with the model in memory.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  checkReload,
  digestFile,
  InputError,
  stage,
  type Exporter,
  type ExportRequest,
  type Model,
  type RunContainer,
  type Stage,
} from '@espalier/core';
import { z } from 'zod';
import type { Recipe } from '../recipe/schema.js';
import { strategyNamed } from '../steps/named-strategy.js';
import { runStage, type Engine } from './engine.js';
import type { RecipeResult, Until } from './run-recipe.js';
import { jsonUnit } from './units.js';

/** Where a model went, as `exported.json` holds it. */
export const exportedSchema = z.strictObject({
  folder: z.string(),
  /** Name of the row that it is. */
  row: z.string(),
  /** Largest difference of a logit after reloading; absent where the exporter's folder is not compared. */
  difference: z.number().optional(),
});

/** The model that a run has left outside its folder. */
export type ExportedModel = z.infer<typeof exportedSchema>;

/** Name of the row that a recipe exports. Throws `InputError` for a step that is not there. */
export function exportedRow({ recipe, steps }: Pick<Engine, 'recipe' | 'steps'>): string | undefined {
  if (recipe.export === undefined) return undefined;
  const names = steps.map(({ name }) => name);
  const step = recipe.export.step ?? names.at(-1);
  if (step === undefined) return 'pretrained';
  if (names.includes(step)) return `${step}/distilled`;
  throw new InputError({
    asked: `export step "${step}"`,
    found: `the steps are ${names.join(', ')}`,
    fix: 'Name one of them',
  });
}

/** Throws `InputError` where the recipe's exporter would refuse its place, or that of a cut model. */
export async function checkExport(
  { export: wanted }: Recipe,
  container: RunContainer,
  cut?: Until['out'],
): Promise<void> {
  const exporter = makeExporter(container, wanted?.exporter ?? { name: 'safetensors' });
  for (const place of [wanted, cut])
    if (place !== undefined) await exporter.check?.(place.folder, { overwrite: place.overwrite });
}

function makeExporter(container: RunContainer, exporter: NonNullable<Recipe['export']>['exporter']): Exporter {
  return strategyNamed(container, 'exporter', exporter);
}

/** Writes the folder that the recipe asks for, if it does. */
export async function exportStudent(engine: Engine, { trained }: RecipeResult): Promise<ExportedModel | undefined> {
  const row = exportedRow(engine);
  const student = row === undefined ? undefined : trained.get(row);
  const { export: wanted } = engine.recipe;
  if (wanted === undefined || row === undefined || student === undefined) return undefined;
  const { folder, overwrite, check, exporter: named } = wanted;
  const exporter = makeExporter(engine.bench.container, named);
  const inputs = { student: student.hash, folder, exporter: named };
  const unit = jsonUnit({ name: 'export', inputs }, 'exported.json', exportedSchema, async () => {
    const own = exporting(exporter, { folder, overwrite: overwrite || engine.continued.length > 0 });
    await runStage(engine, row, own, student.model);
    if (exporter.reloads !== true || !check) return { folder, row };
    const { batch, length } = engine.recipe.steps[0]?.distillation ??
      engine.recipe.pretraining ?? { batch: 1, length: 64 };
    const size = { batch: Math.min(batch, 4), length: Math.min(length, 64) };
    const { families } = engine.bench;
    const reload = stage('check reload', (model: Model, context) =>
      checkReload(model, folder, { size, families, context }),
    );
    const difference = await runStage(engine, row, reload, student.model);
    return { folder, row, difference };
  });
  return (await engine.units.do(unit)).value;
}

/** Writes the cut model of the step that a run has ended after, by the recipe's exporter. */
export async function exportCut(engine: Engine, { pruned }: RecipeResult, { out, step }: Until): Promise<void> {
  const name = step ?? engine.steps[0]?.name;
  const model = pruned.get(`${name}/pruned`)?.model;
  if (out === undefined || model === undefined) return;
  const exporter = makeExporter(engine.bench.container, engine.recipe.export?.exporter ?? { name: 'safetensors' });
  await runStage(engine, `${name}/pruned`, exporting(exporter, out), model);
}

/** Writing a model as a stage, which tells how far it has come. */
function exporting(
  exporter: Exporter,
  { folder, overwrite }: { readonly folder: string; readonly overwrite: boolean },
): Stage<Model, undefined> {
  return stage('export', async (model: Model, { watch }, { report }) => {
    await exportOnce(exporter, model, folder, { overwrite, watch });
    const message = `model written by "${exporter.name}": ${folder}`;
    report({ type: 'finding', name: 'exported', message, data: { folder, exporter: exporter.name } });
    return undefined;
  });
}

/** Exports, unless just that is there: a run that was cut off after the folder had come into place finds it so. */
async function exportOnce(exporter: Exporter, model: Model, folder: string, request: ExportRequest): Promise<void> {
  if (existsSync(folder) && !request.overwrite && (await isExportOf(exporter, model, folder))) return;
  await exporter.export(model, folder, request);
}

/** Whether a folder has every file that the exporter writes, byte for byte: written once more beside it, and compared. */
async function isExportOf(exporter: Exporter, model: Model, folder: string): Promise<boolean> {
  if ((await readdir(folder)).length === 0) return false;
  const scratch = await mkdtemp(join(dirname(resolve(folder)), `.${basename(folder)}.check-`));
  const fresh = join(scratch, 'model');
  try {
    await exporter.export(model, fresh, { overwrite: false });
    const files = (await readdir(fresh, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      const own = join(parentPath, name);
      const other = join(folder, own.slice(fresh.length + 1));
      if (!existsSync(other) || (await digestFile(other)).sha256 !== (await digestFile(own)).sha256) return false;
    }
    return true;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
