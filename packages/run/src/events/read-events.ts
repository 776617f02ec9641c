// Reads the event log of a run back. A log is untrusted input; its last line may be torn, where the writer was killed, and a
// disk may have damaged others.
import type { PipelineEvent } from '@espalier/core';
import { z } from 'zod';
import { eventSchema } from './event-schema.js';
import { findings, type FindingData, type FindingName } from './findings.js';

/**
 * The events of a log's text. An unfinished last line is left out; lines that hold no event are passed over, and a warning at the
 * end says which: results are in files of their own, so a damaged log makes none of them wrong.
 */
export function parseEvents(text: string, source = 'events.ndjson'): readonly PipelineEvent[] {
  const complete = text.split('\n').slice(0, -1);
  const parsed = complete.map((line) => z.safeParse(eventSchema, jsonOf(line)).data);
  const damaged = parsed.flatMap((event, index) => (event === undefined ? [index + 1] : []));
  const events = parsed.filter((event) => event !== undefined);
  if (damaged.length === 0) return events;
  const last = events.at(-1);
  const place = { run: last?.run ?? 'teacher', stage: last?.stage ?? 'start', time: last?.time ?? 0 };
  return [...events, { type: 'warning', message: passedOver(damaged, source), ...place }];
}

function passedOver(lines: readonly number[], source: string): string {
  const listed = `${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ', …' : ''}`;
  const which =
    lines.length === 1 ? `line ${listed} of ${source} holds` : `${lines.length} lines of ${source} (${listed}) hold`;
  return `${which} no event and ${lines.length === 1 ? 'is' : 'are'} passed over`;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The data of the findings of one name, in order, each with the step it belongs to; data of another form is left out. */
export function findingsNamed<Name extends FindingName>(
  events: readonly PipelineEvent[],
  name: Name,
): readonly { readonly run: string; readonly stage: string; readonly data: FindingData<Name> }[] {
  return events.flatMap((event) => {
    if (event.type !== 'finding' || event.name !== name) return [];
    const parsed = findings[name].safeParse(event.data);
    // The schema of `name` gives the data of `name`; the compiler sees the union of all.
    return parsed.success ? [{ run: event.run, stage: event.stage, data: parsed.data as FindingData<Name> }] : [];
  });
}
