// The live view: the state of the run at the bottom of the terminal, findings and warnings above it. It draws when something
// happened, at most ten times a second, and once a second when nothing does, so that clocks go on.
import { terminalLine, type PipelineEvent } from '@espalier/core';
import { wrapped } from '@espalier/run';
import { captureWrites, type Capturable } from './capture.js';
import { renderFrame } from './frame.js';
import { paint } from './paint.js';
import type { Progress } from './progress.js';
import { applyEvent, emptyRun } from './run-state.js';
import { createScreen, type Terminal } from './screen.js';
import { oneLine, truncate } from './text-width.js';

/** A terminal that tells when its size changes. */
export interface LiveTerminal extends Terminal {
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface LiveViewOptions {
  /** Wall clock in milliseconds. */
  readonly now: () => number;
  /** Calls back once, later; the returned function calls it off. */
  readonly later: (milliseconds: number, call: () => void) => () => void;
  /** Streams whose text from elsewhere is shown above the view instead of through it. */
  readonly capture: readonly Capturable[];
  /** Names of the steps to come, where they are known. */
  readonly steps: readonly string[];
}

const FRAME = 100;
const TICK = 1000;

/** Draws on a terminal until `stop`, which leaves the last frame on screen. */
export function createLiveView(terminal: LiveTerminal, options: LiveViewOptions): Progress {
  const { now, later } = options;
  // Taken before stderr is captured: this is how the view itself writes.
  const write = terminal.write.bind(terminal);
  const screen = createScreen({
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    write,
  });
  const steps = options.steps.map(terminalLine);
  let state = emptyRun;
  let above: string[] = [];
  let drawnAt = -Infinity;
  let callOff: () => void = () => undefined;
  let stopped = false;

  const draw = (): void => {
    callOff();
    drawnAt = now();
    const size = { columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 };
    screen.draw(renderFrame(state, size, drawnAt, steps), above);
    above = [];
    callOff = later(TICK, draw);
  };
  const changed = (): void => {
    if (stopped) return;
    const wait = drawnAt + FRAME - now();
    callOff();
    // A run may keep the event loop busy for a long time, so what is due is drawn here and not by a timer.
    if (wait <= 0) draw();
    else callOff = later(wait, draw);
  };
  const say = (line: string): void => {
    above.push(line);
    changed();
  };
  const captured = captureWrites(options.capture, (line) => say(oneLine(line)));
  terminal.on('resize', changed);

  return {
    show(event) {
      const shown = shownEvent(event);
      state = applyEvent(state, shown, now());
      above.push(...remark(shown, terminal.columns ?? 80));
      // What a stage does first may keep the event loop busy for seconds: it is named before.
      if (event.type === 'stage-started' && !stopped) draw();
      else changed();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      terminal.off('resize', changed);
      captured.release();
      if (state.steps.length > 0 || above.length > 0) draw();
      callOff();
      screen.end();
    },
  };
}

/** The event with harmless names: steps and stages come from recipes and plugins. */
function shownEvent(event: PipelineEvent): PipelineEvent {
  const named = { ...event, run: terminalLine(event.run), stage: terminalLine(event.stage) };
  return named.type === 'progress' ? { ...named, unit: terminalLine(named.unit) } : named;
}

/** The lines that stay for a finding (one, cut to the width) or a warning (whole, broken between words). */
function remark(event: PipelineEvent, columns: number): readonly string[] {
  if (event.type === 'warning') {
    const lines = wrapped(oneLine(event.message), Math.max(1, columns - 3));
    return lines.map((line, index) => paint('yellow', `${index === 0 ? '! ' : '  '}${line}`));
  }
  if (event.type !== 'finding' || event.message === '') return [];
  return [paint('dim', truncate(`  ${event.run}: ${oneLine(event.message)}`, columns - 1))];
}
