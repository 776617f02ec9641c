// `espalier export`: a student of a run as a folder of its own, by any exporter.
import { checkReload, createStrategy, loadModel, type RunContainer } from '@espalier/core';
import { z } from 'zod';
import {
  checkModelPlace,
  checkPlaces,
  createWorkbench,
  intactStudent,
  loadPlugins,
  readRecord,
  rowNamed,
  realPlace,
  writeModelCard,
} from '@espalier/run';
import { printJson, printLines } from '../terminal/print.js';
import { trustOf } from './output.js';

const schema = z.object({
  out: z.string(),
  row: z.string().optional(),
  exporter: z.string().default('safetensors'),
  storage: z.enum(['F32', 'F16', 'BF16']).optional(),
  plugin: z.array(z.string()).default([]),
  trust: z.boolean().default(false),
  overwrite: z.boolean(),
  json: z.boolean(),
});

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function exportCommand(run: string, given: unknown): Promise<void> {
  const { out, row: wanted, exporter: name, storage, plugin, trust, overwrite, json } = schema.parse(given);
  const { recipe, record } = await readRecord(run);
  checkPlaces({ run: await realPlace(run), out: await realPlace(out) });
  await checkModelPlace(out);
  const { row, folder } = await intactStudent(run, wanted === undefined ? undefined : rowNamed(wanted));
  const plugins = await loadPlugins([...recipe.plugins, ...plugin], process.cwd(), {
    trust: trustOf({ plugin, trust }),
    notFrom: run,
  });
  const bench = createWorkbench({ seed: recipe.seed, backend: recipe.backend, plugins, runFolder: run });
  const exporter = exporterNamed(bench.container, name, storage);
  await exporter.check?.(out, { overwrite });
  const { model, close } = await loadModel(folder, bench.families);
  try {
    await exporter.export(model, out, { overwrite });
    const difference = exporter.reloads === true ? await checkReload(model, out, bench) : undefined;
    const base = recipe.pretraining === undefined ? record.model : undefined;
    if (exporter.reloads === true) await writeModelCard(run, { folder: out, row }, base);
    const result = { run, row, folder: out, ...(difference === undefined ? {} : { difference }) };
    if (json) printJson(result);
    else printLines(`${out}: ${row}`);
  } finally {
    await close();
  }
}

function exporterNamed(container: RunContainer, name: string, storage: string | undefined) {
  return createStrategy(container, 'exporter', name, storage === undefined ? {} : { storage });
}
