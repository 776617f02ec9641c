// One run at work: its events are logged and handed to its subscribers, its units are done, and what it leaves is written.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { digestJson, openRunFolder, writeJsonFile, type Json, type Model, type PipelineEvent } from '@espalier/core';
import { z } from 'zod';
import { writeModelCard } from '../report/write-model-card.js';
import { writeReport } from '../report/write-report.js';
import { notice, type Engine } from './engine.js';
import { exportStudent, type ExportedModel } from './export.js';
import { withMemory } from './memory.js';
import type { OpenedRecipe } from './open-recipe.js';
import { recordNames, type RunRecord } from './run-record.js';
import { runRecipe, type Until } from './run-recipe.js';
import { sampleSideBySide } from './samples.js';
import { withStarvation } from './starvation.js';
import type { StopRequest } from './stop.js';
import { attachSubscribers } from './subscribers.js';
import type { Summary, SummaryRow } from './summary.js';
import { folderUnits, jsonUnit, memoryUnits, type Units } from './units.js';

/** What a run has come to. */
export interface RunResult {
  /** A row for every model that was measured. */
  readonly rows: readonly SummaryRow[];
  /** Rows, seed and versions, as `summary.json` holds them; absent when the run was to end early. */
  readonly summary?: Summary;
  /** The model outside the run's folder, where the recipe asks for one. */
  readonly exported?: ExportedModel;
  /** Students by the name of their row. Those of a run in a folder are closed: `loadModel` opens them. */
  readonly students: ReadonlyMap<string, Model>;
}

export type Record = Omit<RunRecord, 'format' | 'recipeHash'>;

export interface Session {
  readonly opened: OpenedRecipe;
  readonly record: Record;
  readonly stop: StopRequest;
  tell(event: PipelineEvent): void;
  readonly until?: Until;
}

/** Does the run in memory. */
export function inMemory(session: Session): Promise<RunResult> {
  return atWork(session, memoryUnits(), session.tell);
}

/** Does the run in a folder, or what is left of it; `prepare` writes what must be there before any work. */
export async function inFolder(path: string, session: Session, prepare: () => Promise<void>): Promise<RunResult> {
  const run = await openRunFolder(path);
  try {
    await prepare();
    const tell = (event: PipelineEvent): void => {
      run.log.append(event);
      session.tell(event);
    };
    const result = await atWork(session, folderUnits(run), tell);
    const { summary, exported } = result;
    if (summary === undefined) return result;
    run.log.sync();
    await writeJsonFile(join(path, recordNames.summary), summary);
    writeReport(path);
    if (exported !== undefined) await writeModelCard(path, exported, session.opened.original);
    return result;
  } finally {
    await run.close();
  }
}

async function atWork(
  { opened, record, stop, until }: Session,
  units: Units,
  say: (event: PipelineEvent) => void,
): Promise<RunResult> {
  const { recipe, bench } = opened;
  const closers: (() => Promise<void>)[] = [];
  const subscribers = attachSubscribers(recipe, bench.container, (message) => say(notice(message)));
  try {
    const both = (event: PipelineEvent): void => {
      say(event);
      subscribers.next(event);
    };
    both(beginning(opened, record));
    const engine: Engine = {
      ...opened,
      units,
      dataHash: digestJson(opened.data.identity),
      validation: [],
      tell: withMemory(withStarvation(both, bench.context.backend.threads)),
      stop,
      keepOpen: (close) => void closers.push(close),
    };
    return await work({ ...engine, validation: await heldBack(engine) }, record, until);
  } finally {
    for (const close of closers) await close();
    await subscribers.complete();
  }
}

async function work(engine: Engine, record: Record, until: Until | undefined): Promise<RunResult> {
  const { recipe, stop } = engine;
  const result = await runRecipe(engine, until);
  stop.signal.throwIfAborted();
  const { rows } = result;
  const students = new Map([...result.trained].map(([name, { model }]) => [name, model]));
  if (until !== undefined) return { rows, students };
  await sampleSideBySide(engine, result);
  const exported = await exportStudent(engine, result);
  const summary: Summary = { rows, seed: recipe.seed, versions: record.versions };
  return { rows, students, summary, ...(exported === undefined ? {} : { exported }) };
}

const documentsSchema = z.array(z.array(z.int().nonnegative()));

/** Documents that no training sees, kept in the run: a teacher that writes them would take a while each time. */
async function heldBack(engine: Engine): Promise<Engine['validation']> {
  const { original, dataHash, recipe, data, units } = engine;
  const inputs: Json = { data: dataHash, seed: recipe.seed, model: original.hash };
  const unit = jsonUnit({ name: 'text/held-back', inputs }, 'documents.json', documentsSchema, async () =>
    (await data.validation()).map((document) => [...document]),
  );
  return (await units.do(unit)).value;
}

function beginning({ recipe }: OpenedRecipe, record: Record): PipelineEvent {
  const { command, started, versions, model, data, cores } = record;
  const machine = { cores, memory: totalmem(), platform: `${process.platform} ${process.arch}` };
  const hashes = { model: model.hash, data: digestJson(data) };
  const facts = { seed: recipe.seed, versions, title: recipe.name, command, hashes, machine, started };
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
