// What every verb does with its streams: a view of events and lines on stderr, the result on stdout.
import { finished, formatTable, holdsRun, type RunEvent, type RunResult } from '@espalier/run';
import { tap, type Observable } from 'rxjs';
import { createProgress } from '../show/progress.js';

/** Says a line on stderr. */
export function say(line: string): void {
  process.stderr.write(`espalier: ${line}\n`);
}

/** Prints a result as JSON on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Shows a run in a folder while it works, and gives its result. Rejects as the run does, and says how to go on with it. */
export async function watch(
  run: Observable<RunEvent>,
  { folder, steps = [] }: { readonly folder: string; readonly steps?: readonly string[] },
): Promise<RunResult> {
  const before = holdsRun(folder);
  const progress = createProgress(process.stderr, { steps });
  let began = false;
  const show = (event: RunEvent): void => {
    if (event.type === 'result') return;
    began ||= event.type === 'stage-started';
    progress.show(event);
  };
  try {
    return await finished(run.pipe(tap(show)));
  } catch (error) {
    progress.stop();
    if ((began || !before) && holdsRun(folder)) say(`to go on: espalier resume ${folder}`);
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
  else process.stdout.write(`\n${formatTable(rows)}\n`);
  const model =
    exported === undefined ? '' : `Model folder: ${exported.folder} (${exported.row}${reloaded(exported)})\n`;
  const files = summary === undefined ? 'events.ndjson' : 'summary.json, events.ndjson, report.html';
  process.stderr.write(`\n${model}Run folder: ${run} (${files})\n`);
}
