// A run from a recipe or from its folder: everything is checked, then the folder is made or opened, then the engine works.
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import {
  checkNotLocked,
  clearRunFolder,
  differences,
  digestJson,
  InputError,
  openRunFolder,
  readRunFile,
  resolveSteps,
  verifyUnits,
  writeJsonFile,
  type Json,
  type PipelineEvent,
} from '@espalier/core';
import { z } from 'zod';
import { openRunData, type DataRequest, type RunData } from '../data/run-data.js';
import type { HubAccess } from '../hub/access.js';
import { locateModel } from '../hub/locate-model.js';
import type { StopRequest } from '../interrupt.js';
import { loadPlugins } from '../plugins/load-plugins.js';
import { checkStrategies } from '../recipe/check-strategies.js';
import { readRecipe } from '../recipe/read-recipe.js';
import type { Recipe } from '../recipe/schema.js';
import { expandTarget } from '../recipe/shapes.js';
import type { ValuePath } from '../recipe/source-text.js';
import { withMemory } from '../show/memory.js';
import type { Summary, SummaryRow } from '../summary.js';
import { createWorkbench, startBackend, versions, type Workbench } from '../wiring.js';
import { checkLengths, checkPlans, checkQuestions } from './checks.js';
import { jsonUnit, warn, type Engine, type EngineStep } from './engine.js';
import { checkExport, exportedRow, exportStudent, type ExportedModel } from './export.js';
import { sampleSideBySide } from './samples.js';
import { writeModelCard } from '../report/write-model-card.js';
import { writeReport } from '../report/write-report.js';
import { attachSubscribers } from './subscribers.js';
import { openModel, type SourceModel } from './models.js';
import { holdsRun, readRecord, recipeHash, recordNames, writeRecord, type RunRecord } from './run-record.js';
import { runRecipe, type Until } from './run-recipe.js';
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

export interface NewRun {
  readonly recipe: Recipe;
  /** Its folder. */
  readonly path: string;
  /** Whether a run that is there may be removed. */
  readonly replace: boolean;
  readonly command: string;
  /** File that the recipe came from. */
  readonly recipeFile?: string;
  readonly locate?: (path: ValuePath) => string;
  /** Standard input written to a file, where it is the data. */
  readonly stdin?: string;
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
  const opened = await open(recipe, options, given);
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
      versions: versions(),
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
  await sayWhatChanged(recipe, record, options);
  const opened = await open({ ...recipe, model: record.model.folder }, options, {
    path,
    stdin: join(path, recordNames.stdin),
  });
  try {
    checkUnchanged(path, record, opened);
    return await work(path, { ...opened, recipe }, options, record, () => Promise.resolve());
  } finally {
    await opened.close();
  }
}

interface Opened {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly bench: Workbench;
  readonly original: SourceModel;
  readonly data: RunData;
  close(): Promise<void>;
}

async function open(
  recipe: Recipe,
  { hub, say }: SessionOptions,
  { path, stdin, locate = () => 'of the run' }: Pick<NewRun, 'path' | 'stdin' | 'locate'>,
): Promise<Opened> {
  const plugins = await loadPlugins(recipe.plugins, process.cwd());
  const { seed, backend } = recipe;
  const bench = createWorkbench({ seed, backend, plugins, runFolder: path });
  checkStrategies(recipe, bench.container, locate);
  const steps = makeSteps(recipe, bench);
  exportedRow({ recipe, steps });
  await startBackend(bench.context.backend);
  const folder = await locateModel(recipe.model, recipe.revision, hub);
  const { source: original, close } = await openModel('teacher', folder, bench.families);
  try {
    checkLengths(recipe, original.model);
    checkPlans(original.model, steps);
    const data = await openRunData(dataRequest(recipe), {
      bench,
      hub,
      teacher: original.model,
      ...(stdin === undefined ? {} : { stdin }),
    });
    checkQuestions(steps, data.cloze);
    if (data.notice !== undefined) say(data.notice);
    const closeAll = async (): Promise<void> => {
      await data.close();
      await close();
    };
    return { recipe, steps, bench, original, data, close: closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}

function dataRequest({ data, evaluation, seed, steps }: Recipe): DataRequest {
  const length = Math.max(...steps.map(({ distillation }) => distillation.length));
  return { data, seed, length, ...(evaluation.data === undefined ? {} : { evaluation: evaluation.data }) };
}

/** The steps of a recipe with their strategies. Throws `InputError` for targets that cannot be read and names given twice. */
export function makeSteps(recipe: Recipe, bench: Pick<Workbench, 'container'>): readonly EngineStep[] {
  const named = recipe.steps.map((step) => ({ ...step, target: expandTarget(step.target) }));
  return resolveSteps(named, bench.container).map((resolved, index) => {
    const own = named[index];
    if (own === undefined) throw new RangeError('a step was lost');
    return { name: resolved.name, recipe: own, resolved };
  });
}

const documentsSchema = z.array(z.array(z.int().nonnegative()));

async function work(
  path: string,
  { recipe, steps, bench, original, data }: Opened,
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

async function refuseOccupied(path: string, recipe: Recipe): Promise<never> {
  const before = await readRecord(path).catch(() => undefined);
  const done = await readRunFile(join(path, recordNames.summary), z.unknown()).then(
    () => true,
    () => false,
  );
  const same = before !== undefined && recipeHash(before.recipe) === recipeHash(recipe);
  throw new InputError({
    asked: `begin a run in "${path}"`,
    found: `a run${same ? ' of the same recipe' : ''} is there already, ${done ? 'and it is complete' : 'not complete'}`,
    fix: `${done ? '' : `Go on with it (espalier resume ${path}). Otherwise c`}${done ? 'C' : ''}hoose another folder (--run), or replace it (--overwrite)`.replace(
      '. Otherwise choose',
      ', choose',
    ),
  });
}

/** Things that need not stop a run, but explain other bytes. */
async function sayWhatChanged(recipe: Recipe, record: RunRecord, { say }: SessionOptions): Promise<void> {
  const [other] = differences(record.versions, versions());
  if (other !== undefined)
    say(`versions have changed since the run began (${other}): results may differ in the last digits`);
  if (record.cores !== availableParallelism())
    say(
      `the run began on ${record.cores} cores, this machine has ${availableParallelism()}: results may differ in the last digits`,
    );
  if (record.recipeFile === null) return;
  const now = await readRecipe(record.recipeFile).catch(() => undefined);
  if (now === undefined) return;
  const plain = (value: unknown): Json => z.json().parse(JSON.parse(JSON.stringify(value)));
  const changed = differences(plain(recipe), plain(now.recipe)).filter(
    (line) => !line.startsWith('export') && !line.startsWith('model'),
  );
  if (changed.length > 0)
    say(
      `${record.recipeFile} has changed since (${changed.join('; ')}); the run goes on with the recipe it began with`,
    );
}

function checkUnchanged(path: string, record: RunRecord, { original, data }: Opened): void {
  const asked = `resume run "${path}"`;
  const fix = 'Put back what it was, or begin a new run';
  if (original.hash !== record.model.hash)
    throw new InputError({ asked, found: `the model in "${record.model.folder}" is not the one it began with`, fix });
  const [changed] = differences(record.data, data.identity);
  if (changed !== undefined)
    throw new InputError({ asked, found: `its text is not the one it began with (${changed})`, fix });
}
