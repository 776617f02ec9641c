// `espalier status`: what a run is doing, or each of the runs below a folder, read from their folders while they work or afterwards.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, type PipelineEvent, type Watch } from '@espalier/core';
import { z } from 'zod';
import {
  decidingMeasure,
  eventSchema,
  formatCount,
  formatDuration,
  formatPercent,
  measureIn,
  measureText,
  readStored,
  recordNames,
  lockOwner,
  readEventLog,
  findingsNamed,
  rowsFromEvents,
  runFiles,
  unitNames,
} from '@espalier/run';
import { applyEvent, emptyRun, secondsLeft, workingStage } from '../show/run-state.js';
import { printJson, printLines } from '../terminal/print.js';
import { runsBelow } from './run-list.js';

/** Of a recipe, what is shown: a variable in its name need not be set. */
const named = z.looseObject({ name: z.string() });
const schema = z.object({ json: z.boolean() });

/** Runs the verb with the folder of a run or of runs and the flags that commander has parsed. */
export async function statusCommand(folder: string, given: unknown): Promise<void> {
  const { json } = schema.parse(given);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const runs = isFolder ? await runsBelow(folder) : [folder];
  if (runs.length === 0)
    throw new InputError({
      asked: `look for runs in "${folder}"`,
      found: 'there is none, three levels down',
      fix: 'Give the folder of a run, or of runs; "espalier compress" begins one',
    });
  if (runs[0] === folder) {
    const { result, work, left } = await statusOf(folder);
    if (json) printJson(result);
    else printLines(...text(result, work, left));
    return;
  }
  // One that is damaged does not hide the others.
  const all = await Promise.all(
    runs.map((run) =>
      statusOf(run).catch((error: unknown) => {
        if (error instanceof InputError) return { damage: error.message, run };
        throw error;
      }),
    ),
  );
  const began = (own: (typeof all)[number]): string => ('result' in own ? own.result.started : '');
  const newest = all.toSorted((a, b) => began(b).localeCompare(began(a)));
  if (json) printJson({ runs: newest.map((own) => ('result' in own ? own.result : own)) });
  else printLines(...newest.map((own) => ('result' in own ? line(own) : `${own.run}: ${own.damage}`)));
}

async function statusOf(run: string) {
  const { stored, record } = await readStored(run);
  const owner = await lockOwner(run);
  const events = await eventsOf(join(run, runFiles.events));
  const done = existsSync(join(run, recordNames.summary));
  const state = events.reduce((all, event) => applyEvent(all, event, 0), emptyRun);
  const stage = workingStage(state);
  const left = stage && secondsLeft(stage);
  const result = {
    run,
    recipe: named.parse(stored).name,
    state: done ? 'complete' : owner === undefined ? 'stopped' : 'working',
    started: record.started,
    ...(owner === undefined ? {} : { process: { pid: owner.pid, host: owner.host, since: owner.since } }),
    complete: await unitNames(run),
    ...(stage === undefined || done
      ? {}
      : {
          stage: {
            step: state.current,
            name: stage.name,
            ...stage.work,
            ...(left === undefined ? {} : { secondsLeft: Math.round(left) }),
          },
        }),
  };
  const answer = findingsNamed(events, 'answer').at(-1)?.data.row;
  return { result, work: stage?.work, left, rows: rowsFromEvents(events), answer };
}

/** A run in a line: what it is, how far it has come or what came of it, and how long ago it began. */
function line({ result, work, left, rows, answer }: Awaited<ReturnType<typeof statusOf>>): string {
  const { run, recipe, state, stage, started } = result;
  const at = stage === undefined ? '' : ` at ${stage.name}${progressText(work, left)}`;
  const [teacher] = rows;
  const last = rows.find(({ name }) => name === answer); // not the last: comparisons come after it
  const kept =
    last === undefined || teacher === undefined
      ? ''
      : `, ${formatPercent(last.parameters / teacher.parameters)} of the parameters`;
  const deciding = decidingMeasure(rows);
  const own = last && deciding && measureIn(last, deciding);
  const measured = own === undefined || deciding === undefined ? '' : `, ${deciding.label} ${measureText(own)}`;
  const ago = formatDuration(Math.max(0, (Date.now() - Date.parse(started)) / 1000));
  return `${run}: ${recipe}, ${state}${at}${kept}${measured}, begun ${ago} ago`;
}

function progressText(work: Parameters<Watch>[0] | undefined, left: number | undefined): string {
  if (work === undefined) return '';
  return `, ${formatCount(work.done)} of ${formatCount(work.total)} ${work.unit}${work.part === undefined ? '' : ` (${work.part})`}${left === undefined ? '' : `, ${formatDuration(left)} left`}`;
}

function text(
  { run, recipe, state, started, process: own, complete, stage }: Status,
  work: Parameters<Watch>[0] | undefined,
  left: number | undefined,
): readonly string[] {
  const progress = progressText(work, left);
  return [
    `${run}: ${recipe}, ${state}${own === undefined ? '' : ` (process ${own.pid} on ${own.host})`}, begun ${started}`,
    ...(stage === undefined
      ? []
      : [`${state === 'working' ? 'at' : 'stopped in'} ${stage.step ?? ''} · ${stage.name}${progress}`]),
    `complete: ${complete.join(', ') || 'nothing yet'}`,
    ...(state === 'stopped' ? [`go on with it: espalier resume ${run}`] : []),
  ];
}

interface Status {
  readonly run: string;
  readonly recipe: string;
  readonly state: string;
  readonly started: string;
  readonly process?: { readonly pid: number; readonly host: string };
  readonly complete: readonly string[];
  readonly stage?: { readonly step?: string | undefined; readonly name: string };
}

/** The events of a log; lines that are none are left out, as the log may be growing. */
async function eventsOf(path: string): Promise<readonly PipelineEvent[]> {
  const events: PipelineEvent[] = [];
  if (!existsSync(path)) return events;
  for await (const line of readEventLog(path)) {
    const parsed = eventSchema.safeParse(line);
    if (parsed.success) events.push(parsed.data);
  }
  return events;
}
