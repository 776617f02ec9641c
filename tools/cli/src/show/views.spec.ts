// The two views with a clock of their own: what is written to the stream, and how often.
import type { PipelineEvent } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { stamped, type Bare } from '../testing/events.js';
import type { Capturable } from './capture.js';
import { createLiveView, type LiveTerminal } from './live-view.js';
import { withMemory } from '@espalier/run';
import { createPlainView } from './plain-view.js';
import { takesLiveView } from './progress.js';

/** A clock that moves when told, and the calls that are due with it. */
function fakeClock() {
  let time = 0;
  let due: { at: number; call: () => void }[] = [];
  return {
    now: () => time,
    later: (milliseconds: number, call: () => void) => {
      const own = { at: time + milliseconds, call };
      due.push(own);
      return () => (due = due.filter((other) => other !== own));
    },
    pending: () => due.length,
    advance(milliseconds: number) {
      const end = time + milliseconds;
      for (;;) {
        const next = due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        due = due.filter((other) => other !== next);
        time = next.at;
        next.call();
      }
      time = end;
    },
  };
}

function fakeTerminal(columns = 80) {
  const writes: string[] = [];
  const listeners = new Set<() => void>();
  const terminal: LiveTerminal & { columns: number } = {
    columns,
    rows: 24,
    write: (text) => writes.push(text),
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
  };
  return { terminal, writes, listeners };
}

const at = (time: number, event: Bare): PipelineEvent => stamped('a', 'distil', time, event);
const start = at(0, { type: 'stage-started' });
const work = (time: number): PipelineEvent => at(time, { type: 'progress', done: time, total: 10_000, unit: 'tokens' });

function liveView(capture: readonly Capturable[] = []) {
  const clock = fakeClock();
  const screen = fakeTerminal();
  const view = createLiveView(screen.terminal, { ...clock, capture, steps: [] });
  return { clock, view, ...screen };
}

describe('the live view', () => {
  test('draws at most ten frames a second however many events come, each with one write', () => {
    const { clock, view, writes } = liveView();
    view.show(start);
    for (let time = 1; time <= 1000; time++) {
      clock.advance(1);
      view.show(work(time));
    }
    expect(writes.length).toBeGreaterThan(5);
    expect(writes.length).toBeLessThanOrEqual(11);
    for (const text of writes) {
      expect(text.startsWith('\u001b[?2026h')).toBe(true);
      expect(text.endsWith('\u001b[?2026l')).toBe(true);
    }
  });

  test('draws once a second when nothing happens', () => {
    const { clock, view, writes } = liveView();
    view.show(start);
    clock.advance(5000);
    expect(writes.length).toBe(6);
  });

  test('draws over its last frame, counting the rows that a narrower terminal has wrapped it to', () => {
    const { clock, view, writes, terminal, listeners } = liveView();
    view.show(start);
    clock.advance(200);
    view.show(work(200));
    expect(writes.at(-1)).toContain('\r\u001b[2A'); // two rows: the step and the time
    clock.advance(200);
    terminal.columns = 40;
    listeners.forEach((resized) => resized());
    // Of its three lines the step and the bar take two rows each now, the numbers one.
    expect(writes.at(-1)).toContain('\r\u001b[5A');
  });

  test('shows findings once, above the frame, and warnings whole', () => {
    const { clock, view, writes } = liveView();
    view.show(start);
    clock.advance(200);
    view.show(at(200, { type: 'finding', message: 'found\u001b[2J it', data: null }));
    view.show(at(200, { type: 'warning', message: 'w'.repeat(200) }));
    clock.advance(3000);
    const all = writes.join('');
    expect(all.split('a: found it').length).toBe(2);
    expect(all).toContain(`! ${'w'.repeat(200)}`);
  });

  test('names a stage before its work, which may leave no time for another frame', () => {
    const { clock, view, writes } = liveView();
    view.show(at(0, { type: 'finding', message: 'first', data: null }));
    clock.advance(10);
    view.show(start);
    expect(writes.join('')).toContain('distil');
  });

  test('keeps what libraries write out of its frame, whole lines at a time', () => {
    const library: Capturable = { write: () => true };
    const original = library.write;
    const { clock, view, writes } = liveView([library]);
    view.show(start);
    library.write('half a ');
    library.write('line\nrest');
    clock.advance(200);
    expect(writes.at(-1)).toMatch(/half a line\u001b\[K\n.*distil/s);
    view.stop();
    expect(writes.join('')).toContain('rest');
    expect(library.write).toBe(original);
  });

  test('gives the terminal back: cursor, listeners, timers; once', () => {
    const { clock, view, writes, listeners } = liveView();
    view.show(start);
    view.stop();
    view.stop();
    expect(writes.filter((text) => text.includes('\u001b[?25h')).length).toBe(1);
    expect(listeners.size).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  test('a warning is broken between words, and stands whole above the view', () => {
    const { view, writes } = liveView();
    view.show(start);
    const message = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
    view.show(at(1, { type: 'warning', message }));
    view.stop();
    const lines = writes
      .join('')
      .replaceAll(/\r|\u001b\[[?0-9;]*[A-Za-z]/g, '')
      .split('\n')
      .filter((line) => line.includes('word'));
    expect(lines.every((line) => line.length < 80)).toBe(true);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.map((line) => line.slice(2)).join(' ')).toBe(message);
  });

  test('writes nothing when nothing was shown', () => {
    const { view, writes } = liveView();
    view.stop();
    expect(writes).toEqual([]);
  });
});

describe('the plain view', () => {
  test('says when stages begin and end, soon and then every ten seconds how far the work is', () => {
    const clock = fakeClock();
    let text = '';
    const view = createPlainView((more) => (text += more), clock);
    view.show(start);
    for (let time = 1000; time <= 25_000; time += 1000) {
      clock.advance(1000);
      view.show(at(time, { type: 'progress', done: time, total: 50_000, unit: 'tokens' }));
      view.show(at(time, { type: 'metric', name: 'loss', step: time / 1000 - 1, value: 1.5 }));
    }
    view.show(at(25_000, { type: 'finding', message: 'found', data: null }));
    view.show(at(25_100, { type: 'stage-finished' }));
    view.stop();
    expect(text).toBe(
      [
        '· a · distil',
        '  a · distil: 2%  1.00k/50.0k tokens  1.00k tokens/s  49.0 s left',
        '  a · distil: 22%  11.0k/50.0k tokens  loss 1.500  1.00k tokens/s  39.0 s left',
        '  a · distil: 42%  21.0k/50.0k tokens  loss 1.500  1.00k tokens/s  29.0 s left',
        '  found',
        '✓ a · distil                  25.1 s  25.0k tokens  last loss 1.500',
        '',
      ].join('\n'),
    );
  });
});

test('the plain view says which part of the work is done', () => {
  const clock = fakeClock();
  let text = '';
  const view = createPlainView((more) => (text += more), clock);
  view.show(start);
  clock.advance(2000);
  view.show(at(2000, { type: 'progress', done: 0, total: 4, unit: 'tokens', part: 'candidate 2 of 8, rung 1 of 3' }));
  view.stop();
  expect(text).toBe('· a · distil\n  a · distil: 0%  0/4 tokens  candidate 2 of 8, rung 1 of 3\n');
});

test('the plain view says every fifteen seconds that a stage is at work which tells nothing, and what it waits for', () => {
  const clock = fakeClock();
  let text = '';
  const view = createPlainView((more) => (text += more), clock);
  view.show(start);
  clock.advance(2000);
  view.show(at(2000, { type: 'progress', done: 0, total: 1, unit: 'programs compiled' }));
  clock.advance(30_000);
  view.show(at(32_000, { type: 'stage-finished' }));
  clock.advance(60_000);
  expect(text.split('\n')).toEqual([
    '· a · distil',
    '  a · distil: 0%  0/1 programs compiled',
    '  a · distil: 0%  0/1 programs compiled  at work for 17.0 s',
    '  a · distil: 0%  0/1 programs compiled  at work for 32.0 s',
    '✓ a · distil                  32.0 s  0 programs compiled',
    '',
  ]);
  view.show(at(92_000, { type: 'stage-started' }));
  view.stop();
  expect(clock.pending()).toBe(0);
});

test.each([
  [true, {}, true],
  [true, { TERM: 'xterm-256color', CI: '' }, true],
  [false, {}, false],
  [true, { CI: 'true' }, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
])('a terminal (%s) with %j takes a live view: %s', (isTTY, environment, expected) => {
  expect(takesLiveView(isTTY, environment)).toBe(expected);
});

test('memory is a metric of the stage at work, at most once a second and at its end', () => {
  const shown: PipelineEvent[] = [];
  const show = withMemory(
    (event) => shown.push(event),
    () => 7,
  );
  show(start);
  for (let time = 100; time <= 2500; time += 100) show(work(time));
  show(at(2600, { type: 'stage-finished' }));
  const samples = shown.filter((event) => event.type === 'metric');
  expect(samples.map(({ time, step, value }) => [time, step, value])).toEqual([
    [0, 0, 7],
    [1000, 1, 7],
    [2000, 2, 7],
    [2600, 3, 7],
  ]);
  expect(shown[0]?.type).toBe('stage-started');
  expect(shown.at(-1)?.type).toBe('stage-finished');
});
