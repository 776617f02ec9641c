// What every verb does with its streams: a view of events and lines on stderr, the result on stdout.
import {
  finished,
  formatTable,
  holdsRun,
  isWait,
  trustStore,
  type PluginTrust,
  type RunEvent,
  type RunResult,
} from '@espalier/run';
import { tap, type Observable } from 'rxjs';
import { createProgress } from '../show/progress.js';
import { nextCommands, verdictLines } from '../show/verdict-text.js';
import { screenColumns } from '../terminal/columns.js';
import { noteLines, say } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';

/** What the flags `--plugin` and `--trust` say of plugin files that a recipe names. */
export function trustOf({
  plugin = [],
  trust = false,
}: {
  readonly plugin?: readonly string[];
  readonly trust?: boolean;
}): PluginTrust {
  return { named: plugin, all: trust, store: trustStore(process.env) };
}

/** Shows a run in a folder while it works, and gives its result. Rejects as the run does, and says how to go on with it. */
export async function watch(
  run: Observable<RunEvent>,
  { folder, steps = [] }: { readonly folder: string; readonly steps?: readonly string[] },
): Promise<RunResult> {
  const before = await holdsRun(folder);
  const progress = createProgress(process.stderr, { steps });
  const seen = { stage: false };
  const show = (event: RunEvent): void => {
    if (event.type === 'result') return;
    if (event.type === 'stage-started' && !isWait(event)) seen.stage = true;
    progress.show(event);
  };
  try {
    return await finished(run.pipe(tap(show)));
  } catch (error) {
    progress.stop();
    // A disk that is gone may have it once it is back.
    if ((seen.stage || !before) && (await holdsRun(folder).catch(() => true)))
      say(`to go on: espalier resume ${folder}`);
    throw error;
  } finally {
    progress.stop();
  }
}

function reloaded({ difference }: NonNullable<RunResult['exported']>): string {
  return difference === undefined ? '' : `; reloaded, its logits differ by at most ${difference}`;
}

/** Where a run was done and with which model, for the commands to go on with. */
export interface Finished {
  readonly run: string;
  /** As the recipe has them. */
  readonly model?: string | undefined;
}

/** Prints what a run has come to: table and verdict, or the summary, on stdout; where things are, and what to do next, on stderr. */
export function printFinished(result: RunResult, { run, model }: Finished, json: boolean): void {
  const { rows, summary, exported } = result;
  const columns = screenColumns(process.stdout);
  if (json) printJson(summary ?? { rows });
  else printLines('', ...formatTable(rows, columns).split('\n'), '', ...verdictLines(result, Math.min(columns, PROSE)));
  const folder =
    exported === undefined ? [] : [`Model folder: ${exported.folder} (${exported.row}${reloaded(exported)})`];
  const files = summary === undefined ? 'events.ndjson' : 'summary.json, events.ndjson, report.html';
  const next = nextCommands(result, { run, model });
  noteLines(
    '',
    ...folder,
    `Run folder: ${run} (${files})`,
    ...(next.length === 0 ? [] : ['To go on:']),
    ...next.map((own) => `  ${own}`),
  );
}

/** Prose is wrapped at so many characters where a line has more. */
const PROSE = 100;
