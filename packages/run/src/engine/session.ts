// One run at work: its events are logged and handed to its subscribers, its units are done, and what it leaves is written.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Json, Model, PipelineEvent } from '@espalier/core';
import { z } from 'zod';
import { digestJson } from '../folder/digest.js';
import type { RunLock } from '../folder/lock.js';
import { openRunFolder } from '../folder/run-folder.js';
import { writeJsonFile } from '../folder/small-files.js';
import { writeModelCard } from '../report/write-model-card.js';
import { writeReport } from '../report/write-report.js';
import { answerRow, tellAnswer } from './answer.js';
import { notice, place, type Engine, type RunStream } from './engine.js';
import { dependsOn, lastRow } from './continue.js';
import { exportCut, exportStudent, type ExportedModel } from './export.js';
import { sayEvaluated } from './measure.js';
import { withMemory } from './memory.js';
import type { OpenedRecipe } from './open-recipe.js';
import { pretrained } from './pretrain.js';
import { recordNames, type RunRecord } from './run-record.js';
import { runRecipe, type Until } from './run-recipe.js';
import { sampleSideBySide } from './samples.js';
import { withStarvation } from './starvation.js';
import { withSpeeds } from './speed.js';
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
  /** The recipe as it is written and shown. */
  readonly stored: Json;
  readonly stop: StopRequest;
  readonly stream: RunStream;
  readonly until?: Until;
}

/** Does the run in memory. */
export function inMemory(session: Session): Promise<RunResult> {
  return atWork(session, memoryUnits());
}

/** Does the run in a folder, or what is left of it; `prepare` writes what must be there before any work, and removes what must not; `held` is a lock of the folder that this process has. */
export async function inFolder(
  path: string,
  session: Session,
  prepare: () => Promise<void>,
  held?: RunLock,
): Promise<RunResult> {
  const run = await openRunFolder(path, prepare, held);
  const silence = session.stream.listen((event) => run.log.append(event));
  try {
    const result = await atWork(session, folderUnits(run, renewedUnits(session)));
    const { summary, exported } = result;
    if (summary === undefined) return result;
    await run.check();
    run.log.sync();
    await writeJsonFile(join(path, recordNames.summary), summary);
    await writeReport(path);
    const { recipe, original } = session.opened;
    const base = recipe.pretraining === undefined ? original.model : undefined;
    if (exported !== undefined) await writeModelCard(path, exported, base);
    return result;
  } finally {
    silence();
    await run.close();
  }
}

/** In a run that was continued, what depends on its last training is made again. */
function renewedUnits({ opened, record }: Session): (unit: string) => boolean {
  const row = lastRow(opened);
  return (unit) => record.continued.length > 0 && dependsOn(row, unit);
}

async function atWork({ opened, record, stored, stop, until, stream }: Session, units: Units): Promise<RunResult> {
  const { recipe, bench } = opened;
  const closers: (() => Promise<void>)[] = [];
  const subscribers = attachSubscribers(recipe, bench.container, (message) => stream.tell(notice(message)));
  const silence = stream.listen((event) => subscribers.next(event));
  try {
    stream.tell(beginning(opened, stored, record));
    const engine: Engine = {
      ...opened,
      original: { ...opened.original, tokens: 0 },
      units,
      continued: record.continued,
      dataHash: digestJson(opened.data.identity),
      validation: [],
      tell: withMemory(withStarvation(stream.tell, bench.context.backend.threads)),
      stop,
      keepOpen: (close) => void closers.push(close),
    };
    const held = await opened.waits.during('write held-out text', () => heldBack(engine));
    const whole = { ...engine, validation: held };
    sayEvaluated(whole);
    const { pretraining } = recipe;
    const original = pretraining === undefined ? whole.original : await pretrained(whole, pretraining);
    return await work({ ...whole, original }, record, until);
  } finally {
    for (const close of closers) await close();
    await subscribers.complete();
    silence();
  }
}

async function work(engine: Engine, record: Record, until: Until | undefined): Promise<RunResult> {
  const { recipe, stop } = engine;
  const result = await runRecipe(engine, until);
  stop.signal.throwIfAborted();
  const students = new Map([...result.trained].map(([name, { model }]) => [name, model]));
  if (until !== undefined) {
    await exportCut(engine, result, until);
    return { rows: result.rows, students };
  }
  const rows = await withSpeeds(engine, result);
  await sampleSideBySide(engine, result);
  const exported = await exportStudent(engine, result);
  const answer = await tellAnswer(engine, result, exported);
  const summary: Summary = {
    rows,
    ...(answer === undefined ? {} : { answer }),
    seed: recipe.seed,
    versions: record.versions,
  };
  return { rows, students, summary, ...(exported === undefined ? {} : { exported }) };
}

/** Token ids of documents, as `documents.json` holds them. */
export const documentsSchema = z.array(z.array(z.int().nonnegative()));

/** Documents that no training sees, kept in the run: a teacher that writes them would take a while each time. */
async function heldBack(engine: Engine): Promise<Engine['validation']> {
  const { original, dataHash, recipe, data, units } = engine;
  const inputs: Json = { data: dataHash, seed: recipe.seed, model: original.hash };
  const unit = jsonUnit({ name: 'text/held-back', inputs }, 'documents.json', documentsSchema, async () =>
    (await data.validation()).map((document) => [...document]),
  );
  return (await units.do(unit)).value;
}

function beginning({ recipe, steps }: OpenedRecipe, stored: Json, record: Record): PipelineEvent {
  const { command, started, versions, model, data, cores } = record;
  const machine = { cores, memory: totalmem(), platform: `${process.platform} ${process.arch}` };
  const hashes = { model: model.hash, data: digestJson(data) };
  const facts = {
    seed: recipe.seed,
    versions,
    title: recipe.name,
    command,
    hashes,
    machine,
    started,
    answer: answerRow({ recipe, steps }),
  };
  return {
    type: 'finding',
    name: 'run',
    message: `${recipe.name}: ${command}`,
    data: { ...facts, recipe: stored },
    ...place,
  };
}
