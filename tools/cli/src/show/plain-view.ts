// A run as plain lines: no colours, no cursor movement; for files, pipes, continuous integration and dumb terminals.
import { terminalLine, type PipelineEvent } from '@espalier/core';
import { formatBytes, formatCount, formatDuration } from '@espalier/run';
import type { Progress } from './progress.js';
import { applyEvent, emptyRun, rate, secondsLeft, type RunState, type StageState } from './run-state.js';
import { fit, oneLine } from './text-width.js';

/** Milliseconds between two lines of progress, where nothing else is said. */
const INTERVAL = 10_000;

/** Writes a line when a stage begins and ends, for findings and warnings, and every so many milliseconds of work. */
export function createPlainView(write: (text: string) => unknown, now: () => number, interval = INTERVAL): Progress {
  let state = emptyRun;
  let saidAt = 0;
  const line = (text: string): void => {
    saidAt = now();
    write(`${terminalLine(text)}\n`);
  };
  return {
    show(event) {
      state = applyEvent(state, event, now());
      const text = lineOf(event, state, now() - saidAt >= interval);
      if (text !== undefined) line(text);
    },
    stop: () => undefined,
  };
}

function lineOf(event: PipelineEvent, state: RunState, due: boolean): string | undefined {
  const title = `${event.run} · ${event.stage}`;
  switch (event.type) {
    case 'stage-started':
      return `· ${title}`;
    case 'warning':
      return `! ${oneLine(event.message)}`;
    case 'finding':
      return event.message === '' ? undefined : `  ${oneLine(event.message)}`;
    case 'metric':
      return undefined;
    case 'stage-finished':
    case 'progress': {
      const stage = state.steps.find(({ name }) => name === event.run)?.stages.find(({ name }) => name === event.stage);
      if (stage === undefined) return undefined;
      if (event.type === 'stage-finished') return `✓ ${fit(title, 26)}  ${finished(stage)}`.trimEnd();
      return due ? `  ${title}: ${working(stage, state.memory)}` : undefined;
    }
  }
}

function finished({ began, ended = began, work, loss }: StageState): string {
  const parts = [
    formatDuration((ended - began) / 1000),
    ...(work === undefined ? [] : [`${formatCount(work.done)} ${work.unit}`]),
    ...(loss.last === undefined ? [] : [`last loss ${loss.last.toPrecision(4)}`]),
  ];
  return parts.join('  ');
}

function working(stage: StageState, memory: number | undefined): string {
  const { work, loss } = stage;
  if (work === undefined) return '';
  const [perSecond, left] = [rate(stage), secondsLeft(stage)];
  const parts = [
    `${Math.floor((100 * work.done) / Math.max(1, work.total))}%`,
    `${formatCount(work.done)}/${formatCount(work.total)} ${work.unit}`,
    ...(loss.last === undefined ? [] : [`loss ${loss.last.toPrecision(4)}`]),
    ...(perSecond === undefined ? [] : [`${formatCount(perSecond)} ${work.unit}/s`]),
    ...(memory === undefined ? [] : [formatBytes(memory)]),
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
  ];
  return parts.join('  ');
}
