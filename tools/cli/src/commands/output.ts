// What every verb does with its streams: a view of events and lines on stderr, the result on stdout.
import {
  formatTable,
  hubAccess,
  trustStore,
  type Finished,
  type PluginTrust,
  type SessionOptions,
  type StopRequest,
  type Until,
} from '@espalier/run';
import { createProgress, type Progress } from '../show/progress.js';

/** Says a line on stderr. */
export function say(line: string): void {
  process.stderr.write(`espalier: ${line}\n`);
}

/** Prints a result as JSON on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

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

/** What a session takes from the command line; `stop` of the progress ends the view. */
export async function sessionOptions(
  stop: StopRequest,
  {
    offline = false,
    steps = [],
    until,
    trust = trustOf({}),
  }: {
    readonly offline?: boolean;
    readonly steps?: readonly string[];
    readonly until?: Until;
    readonly trust?: PluginTrust;
  } = {},
): Promise<SessionOptions & { readonly progress: Progress }> {
  const progress = createProgress(process.stderr, { steps });
  return {
    stop,
    hub: await hubAccess(process.env, say, offline),
    trust,
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
  else process.stdout.write(`\n${formatTable(rows)}\n`);
  const model =
    exported === undefined ? '' : `Model folder: ${exported.folder} (${exported.row}${reloaded(exported)})\n`;
  const files = summary === undefined ? 'events.ndjson' : 'summary.json, events.ndjson, report.html';
  process.stderr.write(`\n${model}Run folder: ${run} (${files})\n`);
}
