// Reads the event log of a run back. A log is untrusted input; its last line may be torn, where the writer was killed.
import { InputError, type PipelineEvent } from '@espalier/core';
import { z } from 'zod';
import { eventSchema } from './event-schema.js';
import { findings, type FindingData, type FindingName } from './findings.js';

/** The events of a log's text. An unfinished last line is left out. Throws `InputError` naming the line that is no event. */
export function parseEvents(text: string, source = 'events.ndjson'): readonly PipelineEvent[] {
  const lines = text.split('\n');
  const complete = lines.slice(0, -1);
  return complete.map((line, index) => {
    const parsed = z.safeParse(eventSchema, jsonOf(line));
    if (parsed.success) return parsed.data;
    throw new InputError({
      asked: `read line ${index + 1} of ${source}`,
      found: z.prettifyError(parsed.error).split('\n')[0] ?? 'no event',
      fix: 'Take the log as the run wrote it',
    });
  });
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
