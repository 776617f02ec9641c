// Rebuilds `report.html` of a run folder from its event log.
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { attempt, regularFile, writeAll, writeWhole } from '@espalier/core';
import { parseEvents } from '../events/read-events.js';
import { reportFromEvents } from './replay.js';
import { reportHtml } from './report-html.js';

/** Writes the report, whole or not at all, and gives its path. Throws `InputError` where the folder has no log of a run, or the page cannot be written. */
export async function writeReport(folder: string): Promise<string> {
  const log = join(folder, 'events.ndjson');
  const asked = `report on the run in "${folder}"`;
  await regularFile(log, asked);
  const text = await attempt({ asked, fix: 'Give the folder of a run' }, () => readFile(log, 'utf8'));
  const path = join(folder, 'report.html');
  const page = reportHtml(reportFromEvents(parseEvents(text, log), basename(resolve(folder))));
  await writeWhole(path, asked, (file) => writeAll(file, new TextEncoder().encode(page), asked));
  return path;
}
