// `espalier status`: what a run is doing, read from its folder while it works or afterwards.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineEvent, Watch } from '@espalier/core';
import { z } from 'zod';
import {
  eventSchema,
  formatCount,
  formatDuration,
  readStored,
  recordNames,
  lockOwner,
  readEventLog,
  runFiles,
  unitNames,
} from '@espalier/run';
import { applyEvent, emptyRun, secondsLeft, workingStage } from '../show/run-state.js';
import { printJson, printLines } from '../terminal/print.js';

/** Of a recipe, what is shown: a variable in its name need not be set. */
const named = z.looseObject({ name: z.string() });
const schema = z.object({ json: z.boolean() });

/** Runs the verb with the run's folder and the flags that commander has parsed. */
export async function statusCommand(run: string, given: unknown): Promise<void> {
  const { json } = schema.parse(given);
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
  if (json) printJson(result);
  else printLines(...text(result, stage?.work, left));
}

function text(
  { run, recipe, state, started, process: own, complete, stage }: Status,
  work: Parameters<Watch>[0] | undefined,
  left: number | undefined,
): readonly string[] {
  const progress =
    work === undefined
      ? ''
      : `, ${formatCount(work.done)} of ${formatCount(work.total)} ${work.unit}${work.part === undefined ? '' : ` (${work.part})`}${left === undefined ? '' : `, ${formatDuration(left)} left`}`;
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
