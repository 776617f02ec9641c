// A run as plain lines: no colours, no cursor movement; for files, pipes, continuous integration and dumb terminals.
import { terminalLine, type PipelineEvent } from '@espalier/core';
import { formatBytes, formatCount, formatDuration } from '@espalier/run';
import type { Progress } from './progress.js';
import { applyEvent, emptyRun, rate, secondsLeft, workingStage, type RunState, type StageState } from './run-state.js';
import { fit, oneLine } from './text-width.js';

/** Milliseconds between two lines of progress, where nothing else is said. */
const INTERVAL = 10_000;
/** The same before the first line of another kind of work. */
const FIRST = 1000;
/** Milliseconds after which a stage is said to be at work although it has told nothing. */
const SILENCE = 15_000;

export interface PlainViewOptions {
  /** Wall clock in milliseconds. */
  readonly now: () => number;
  /** Calls back once, later; the returned function calls it off. */
  readonly later: (milliseconds: number, call: () => void) => () => void;
  /** Milliseconds between two lines of progress; ten seconds when not given. */
  readonly interval?: number | undefined;
}

/**
 * Writes a line when a stage begins and ends, for findings and warnings, every so many milliseconds of work, and where nothing is told
 * for 15 seconds.
 */
export function createPlainView(
  write: (text: string) => unknown,
  { now, later, interval = INTERVAL }: PlainViewOptions,
): Progress {
  let state = emptyRun;
  let saidAt = 0;
  let said = '';
  let callOff: () => void = () => undefined;
  const line = (text: string): void => {
    saidAt = now();
    write(`${terminalLine(text)}\n`);
    callOff();
    callOff = workingStage(state) === undefined ? () => undefined : later(SILENCE, stillWorking);
  };
  const stillWorking = (): void => {
    const stage = workingStage(state);
    if (stage === undefined || state.current === undefined) return;
    const since = formatDuration((now() - stage.startedAt) / 1000);
    line(`  ${state.current} · ${stage.name}: ${working(stage, state.memory, [`at work for ${since}`])}`);
  };
  return {
    show(event) {
      state = applyEvent(state, event, now());
      const kind = event.type === 'progress' ? `${event.run} ${event.stage} ${event.unit}` : said;
      const text = lineOf(event, state, now() - saidAt >= (kind === said ? interval : Math.min(FIRST, interval)));
      if (text === undefined) return;
      said = kind;
      line(text);
    },
    stop: () => callOff(),
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

function working(stage: StageState, memory: number | undefined, more: readonly string[] = []): string {
  const { work, loss } = stage;
  if (work === undefined) return [...more, ...(memory === undefined ? [] : [formatBytes(memory)])].join('  ');
  const [perSecond, left] = [rate(stage), secondsLeft(stage)];
  const parts = [
    `${Math.floor((100 * work.done) / Math.max(1, work.total))}%`,
    `${formatCount(work.done)}/${formatCount(work.total)} ${work.unit}`,
    ...(work.part === undefined ? [] : [work.part]),
    ...(loss.last === undefined ? [] : [`loss ${loss.last.toPrecision(4)}`]),
    ...(perSecond === undefined || perSecond < 1 ? [] : [`${formatCount(perSecond)} ${work.unit}/s`]),
    ...(memory === undefined ? [] : [formatBytes(memory)]),
    ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
    ...more,
  ];
  return parts.join('  ');
}
