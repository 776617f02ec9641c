// A run from a recipe or from its folder: everything is checked, then the folder is made or opened, then the engine works.
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import {
  checkNotLocked,
  clearRunFolder,
  digestJson,
  InputError,
  openRunFolder,
  verifyUnits,
  writeJsonFile,
  type Json,
  type PipelineEvent,
} from '@espalier/core';
import { z } from 'zod';
import type { HubAccess } from '../hub/access.js';
import type { StopRequest } from './stop.js';
import type { Recipe } from '../recipe/schema.js';
import { writeModelCard } from '../report/write-model-card.js';
import { writeReport } from '../report/write-report.js';
import { withMemory } from './memory.js';
import type { Summary, SummaryRow } from './summary.js';
import { versions } from './wiring.js';
import { jsonUnit, warn, type Engine } from './engine.js';
import { checkExport, exportStudent, type ExportedModel } from './export.js';
import { openRecipe, type OpenedRecipe, type RecipePlaces } from './open-recipe.js';
import { checkUnchanged, refuseOccupied, sayWhatChanged } from './run-changes.js';
import { holdsRun, readRecord, recordNames, writeRecord, type RunRecord } from './run-record.js';
import { runRecipe, type Until } from './run-recipe.js';
import { sampleSideBySide } from './samples.js';
import { attachSubscribers } from './subscribers.js';
import { checkpointsFolder } from './train.js';

/** What a session is given by the command line. */
export interface SessionOptions {
  readonly stop: StopRequest;
  readonly hub: HubAccess;
  /** Shows events. */
  show(event: PipelineEvent): void;
  /** Says a line on stderr. */
  say(line: string): void;
  /** Ends the run early, complete as far as it went. */
  readonly until?: Until;
}

export interface NewRun extends RecipePlaces {
  readonly recipe: Recipe;
  /** Whether a run that is there may be removed. */
  readonly replace: boolean;
  readonly command: string;
  /** File that the recipe came from. */
  readonly recipeFile?: string;
}

export interface Finished {
  readonly rows: readonly SummaryRow[];
  /** Absent when the run was to end early. */
  readonly summary?: Summary;
  readonly exported?: ExportedModel;
}

/** Begins a run and works until it is done. Throws `InputError`, with nothing written, for what cannot work. */
export async function beginRun(given: NewRun, options: SessionOptions): Promise<Finished> {
  const { path, replace, recipe } = given;
  if (holdsRun(path) && !replace) await refuseOccupied(path, recipe);
  await checkNotLocked(path);
  const opened = await openRecipe(recipe, options, given);
  try {
    await checkExport(recipe, opened.bench.container);
    await clearRunFolder(path, [
      checkpointsFolder,
      ...Object.values(recordNames).filter((own) => own !== recordNames.stdin),
    ]);
    const record = {
      command: given.command,
      started: new Date().toISOString(),
      recipeFile: given.recipeFile ?? null,
      versions: versions(opened.bench.context.backend),
      cores: availableParallelism(),
      model: { folder: resolve(opened.original.model.folder), hash: opened.original.hash },
      data: opened.data.identity,
    };
    return await work(path, opened, options, record, () => writeRecord(path, recipe, record));
  } finally {
    await opened.close();
  }
}

/** Goes on with a run. Throws `InputError` naming what was changed or damaged since it began. */
export async function resumeRun(path: string, options: SessionOptions): Promise<Finished> {
  const { recipe, record } = await readRecord(path);
  await checkNotLocked(path);
  const [damage] = await verifyUnits(path);
  if (damage !== undefined) {
    const fix = 'Remove the folder that the file is in and resume: that part is then made again';
    throw new InputError({ asked: `resume run "${path}"`, found: damage, fix });
  }
  const opened = await openRecipe({ ...recipe, model: record.model.folder }, options, {
    path,
    stdin: join(path, recordNames.stdin),
  });
  try {
    await sayWhatChanged(recipe, record, versions(opened.bench.context.backend), (line) => options.say(line));
    checkUnchanged(path, record, opened);
    return await work(path, { ...opened, recipe }, options, record, () => Promise.resolve());
  } finally {
    await opened.close();
  }
}

const documentsSchema = z.array(z.array(z.int().nonnegative()));

async function work(
  path: string,
  { recipe, steps, bench, original, data }: OpenedRecipe,
  { stop, show, say, until }: SessionOptions,
  record: Omit<RunRecord, 'format' | 'recipeHash'>,
  prepare: () => Promise<void>,
): Promise<Finished> {
  const run = await openRunFolder(path);
  const closers: (() => Promise<void>)[] = [];
  try {
    await prepare();
    const subscribers = attachSubscribers(recipe, bench.container, warn);
    closers.push(() => Promise.resolve(subscribers.complete()));
    const both = (event: PipelineEvent): void => {
      run.log.append(event);
      subscribers.next(event);
      show(event);
    };
    both(beginning(recipe, record));
    const log = withMemory(both);
    const dataHash = digestJson(data.identity);
    const partial = { recipe, steps, run, bench, original, data, dataHash, show: log, stop, validation: [] };
    const keepOpen = (close: () => Promise<void>): void => void closers.push(close);
    const validation = await heldBack({ ...partial, keepOpen });
    const engine: Engine = { ...partial, keepOpen, validation };
    const result = await runRecipe(engine, until);
    stop.signal.throwIfAborted();
    if (until !== undefined) return { rows: result.rows };
    await sampleSideBySide(engine, result);
    const exported = await exportStudent(engine, result);
    const summary: Summary = { rows: result.rows, seed: recipe.seed, versions: record.versions };
    run.log.sync();
    await writeJsonFile(join(path, recordNames.summary), summary);
    writeReport(path);
    if (exported !== undefined) await writeModelCard(path, exported, original);
    return { rows: summary.rows, summary, ...(exported === undefined ? {} : { exported }) };
  } catch (error) {
    say(`to go on: espalier resume ${path}`);
    throw error;
  } finally {
    for (const close of closers) await close();
    await run.close();
  }
}

/** Documents that no training sees, kept in the run: a teacher that writes them would take a while each time. */
async function heldBack(engine: Engine): Promise<Engine['validation']> {
  const { original, dataHash, recipe } = engine;
  const inputs: Json = { data: dataHash, seed: recipe.seed, model: original.hash };
  const unit = await jsonUnit(
    engine,
    'text/held-back',
    inputs,
    { file: 'documents.json', schema: documentsSchema },
    async () => {
      const documents = await engine.data.validation();
      return documents.map((document) => [...document]);
    },
  );
  return unit.value;
}

function beginning(
  recipe: Recipe,
  { command, started, versions: used, model, data, cores }: Omit<RunRecord, 'format' | 'recipeHash'>,
): PipelineEvent {
  const machine = { cores, memory: totalmem(), platform: `${process.platform} ${process.arch}` };
  const hashes = { model: model.hash, data: digestJson(data) };
  const facts = { seed: recipe.seed, versions: used, title: recipe.name, command, hashes, machine, started };
  return {
    type: 'finding',
    name: 'run',
    message: `${recipe.name}: ${command}`,
    data: { ...facts, recipe: z.json().parse(JSON.parse(JSON.stringify(recipe))) },
    run: 'teacher',
    stage: 'start',
    time: 0,
  };
}
