// Rebuilds `report.html` of a run folder from its event log.
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError, systemWords } from '@espalier/core';
import { parseEvents } from '../events/read-events.js';
import { reportFromEvents } from './replay.js';
import { reportHtml } from './report-html.js';

/** Writes the report, whole or not at all, and gives its path. Throws `InputError` where the folder has no log of a run. */
export function writeReport(folder: string): string {
  const events = parseEvents(readLog(folder), join(folder, 'events.ndjson'));
  const page = reportHtml(reportFromEvents(events, basename(resolve(folder))));
  const temporary = join(folder, `.report.html.${randomUUID()}.tmp`);
  const file = openSync(temporary, 'wx'); // whatever else bears a name is never opened
  try {
    writeSync(file, page);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const path = join(folder, 'report.html');
  renameSync(temporary, path);
  return path;
}

function readLog(folder: string): string {
  try {
    const log = join(folder, 'events.ndjson');
    // A pipe would wait for a writer for ever.
    if (!statSync(log).isFile()) throw new Error('events.ndjson is not a regular file');
    return readFileSync(log, 'utf8');
  } catch (cause) {
    const found = systemWords(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new InputError(
      { asked: `report on the run in "${folder}"`, found, fix: 'Give the folder of a run' },
      { cause },
    );
  }
}
