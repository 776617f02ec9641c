// What every verb does with its streams: a view of events and lines on stderr, the result on stdout.
import {
  formatTable,
  hubAccess,
  type Finished,
  type SessionOptions,
  type StopRequest,
  type Until,
} from '@espalier/run';
import { createProgress, type Progress } from '../show/progress.js';
import { noteLines, printJson, printLines, say } from '../terminal/print.js';

/** What a session takes from the command line; `stop` of the progress ends the view. */
export async function sessionOptions(
  stop: StopRequest,
  {
    offline = false,
    steps = [],
    until,
  }: { readonly offline?: boolean; readonly steps?: readonly string[]; readonly until?: Until } = {},
): Promise<SessionOptions & { readonly progress: Progress }> {
  const progress = createProgress(process.stderr, { steps });
  return {
    stop,
    hub: await hubAccess(process.env, say, offline),
    show: (event) => progress.show(event),
    say,
    progress,
    ...(until === undefined ? {} : { until }),
  };
}

function reloaded({ difference }: NonNullable<Finished['exported']>): string {
  return difference === undefined ? '' : `; reloaded, its logits differ by at most ${difference}`;
}

/** Prints what a run has come to: the table or the summary on stdout, where things are on stderr. */
export function printFinished({ rows, summary, exported }: Finished, run: string, json: boolean): void {
  if (json) printJson(summary ?? { rows });
  else printLines('', ...formatTable(rows).split('\n'));
  const model =
    exported === undefined ? [] : [`Model folder: ${exported.folder} (${exported.row}${reloaded(exported)})`];
  const files = summary === undefined ? 'events.ndjson' : 'summary.json, events.ndjson, report.html';
  noteLines('', ...model, `Run folder: ${run} (${files})`);
}
