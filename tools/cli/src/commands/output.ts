// What every verb does with its streams: a view of events and lines on stderr, the result on stdout.
import {
  finished,
  formatTable,
  holdsRun,
  trustStore,
  type PluginTrust,
  type RunEvent,
  type RunResult,
} from '@espalier/run';
import { tap, type Observable } from 'rxjs';
import { createProgress } from '../show/progress.js';
import { noteLines, printJson, printLines, say } from '../terminal/print.js';

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
  const before = holdsRun(folder);
  const progress = createProgress(process.stderr, { steps });
  const seen = { stage: false };
  const show = (event: RunEvent): void => {
    if (event.type === 'result') return;
    if (event.type === 'stage-started') seen.stage = true;
    progress.show(event);
  };
  try {
    return await finished(run.pipe(tap(show)));
  } catch (error) {
    progress.stop();
    if ((seen.stage || !before) && holdsRun(folder)) say(`to go on: espalier resume ${folder}`);
    throw error;
  } finally {
    progress.stop();
  }
}

function reloaded({ difference }: NonNullable<RunResult['exported']>): string {
  return difference === undefined ? '' : `; reloaded, its logits differ by at most ${difference}`;
}

/** Prints what a run has come to: the table or the summary on stdout, where things are on stderr. */
export function printFinished({ rows, summary, exported }: RunResult, run: string, json: boolean): void {
  if (json) printJson(summary ?? { rows });
  else printLines('', ...formatTable(rows).split('\n'));
  const model =
    exported === undefined ? [] : [`Model folder: ${exported.folder} (${exported.row}${reloaded(exported)})`];
  const files = summary === undefined ? 'events.ndjson' : 'summary.json, events.ndjson, report.html';
  noteLines('', ...model, `Run folder: ${run} (${files})`);
}
