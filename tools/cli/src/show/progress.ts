// Shows a run's events on a terminal: a bar for the stage at work, one line for each finished stage, findings and warnings.
// Without a terminal (or with CI or NO_COLOR set) it prints plain lines only.
import type { PipelineEvent } from '@espalier/core';
import { SingleBar } from 'cli-progress';
import { formatCount, formatDuration } from './format.js';

/** Listens to events; `stop` clears what is still on screen. */
export interface Progress {
  show(event: PipelineEvent): void;
  stop(): void;
}

interface Current {
  readonly title: string;
  readonly began: number;
  loss?: number;
  done?: { readonly count: number; readonly unit: string };
  bar?: SingleBar;
  lastPlain: number;
}

/** Milliseconds between plain progress lines. */
const PLAIN_INTERVAL = 10_000;

/** Writes to a stream, stderr as a rule, so that stdout stays for results. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = stream.isTTY && process.env['CI'] === undefined && process.env['NO_COLOR'] === undefined;
  let current: Current | undefined;

  const clear = (): void => {
    current?.bar?.stop();
    delete current?.bar;
  };
  const line = (text: string): void => {
    clear();
    stream.write(`${text}\n`);
  };

  return {
    show(event) {
      switch (event.type) {
        case 'stage-started':
          current = { title: `${event.run} · ${event.stage}`, began: event.time, lastPlain: event.time };
          if (!live) line(`· ${current.title}`);
          return;
        case 'stage-finished':
          if (current !== undefined) line(finished(current, event.time));
          current = undefined;
          return;
        case 'warning':
          line(`! ${event.message}`);
          return;
        case 'finding':
          line(`  ${event.message}`);
          return;
        case 'metric':
          if (current !== undefined && event.name === 'loss') current.loss = event.value;
          return;
        case 'progress':
          if (current === undefined) return;
          current.done = { count: event.done, unit: event.unit };
          if (live) updateBar(current, event, stream);
          else if (event.time - current.lastPlain >= PLAIN_INTERVAL) {
            current.lastPlain = event.time;
            stream.write(`  ${current.title}: ${plainProgress(current, event)}\n`);
          }
          return;
      }
    },
    stop: clear,
  };
}

type ProgressEvent = Extract<PipelineEvent, { readonly type: 'progress' }>;

function updateBar(current: Current, event: ProgressEvent, stream: NodeJS.WriteStream): void {
  const details = progressDetails(current, event);
  if (current.bar === undefined) {
    current.bar = new SingleBar({
      stream,
      format: `  {title} {bar} {percentage}%  {details}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
    });
    current.bar.start(event.total, event.done, { title: current.title.padEnd(26), details });
  } else current.bar.update(event.done, { details });
}

function progressDetails(current: Current, { done, total, unit, time }: ProgressEvent): string {
  const seconds = (time - current.began) / 1000;
  const rate = done / Math.max(seconds, 1e-3);
  const loss = current.loss === undefined ? [] : [`loss ${current.loss.toFixed(3)}`];
  const left = `${formatDuration((total - done) / Math.max(rate, 1e-9))} left`;
  return [`${formatCount(done)}/${formatCount(total)} ${unit}`, ...loss, `${formatCount(rate)} ${unit}/s`, left].join(
    '  ',
  );
}

function plainProgress(current: Current, event: ProgressEvent): string {
  return `${Math.round((100 * event.done) / event.total)}%  ${progressDetails(current, event)}`;
}

function finished({ title, began, loss, done }: Current, time: number): string {
  const parts = [
    formatDuration((time - began) / 1000),
    ...(done === undefined ? [] : [`${formatCount(done.count)} ${done.unit}`]),
    ...(loss === undefined ? [] : [`last loss ${loss.toFixed(3)}`]),
  ];
  return `✓ ${title.padEnd(26)} ${parts.join('  ')}`;
}
