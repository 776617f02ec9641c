// Rendered frames of a run, with the clock and the size of the terminal given.
import { describe, expect, test } from 'vitest';
import { renderFrame } from './frame.js';
import { applyEvent, emptyRun, type RunState } from './run-state.js';
import { stamped, type Bare } from '../testing/events.js';
import { textWidth } from './text-width.js';

const plain = (lines: readonly string[]): string => lines.join('\n').replace(/\u001b\[\d+m/g, '');

/** Events with their stage and time; the wall clock runs with the events' time, one second ahead. */
function stateAfter(events: readonly (readonly [string, string, number, Bare])[]): RunState {
  return events.reduce(
    (state, [run, stage, time, event]) => applyEvent(state, stamped(run, stage, time, event), time + 1000),
    emptyRun,
  );
}

const started = { type: 'stage-started' } as const;
const ended = { type: 'stage-finished' } as const;
const progress = (done: number, total: number, unit = 'tokens') => ({ type: 'progress', done, total, unit }) as const;
const loss = (step: number, value: number) => ({ type: 'metric', name: 'loss', step, value }) as const;

const midway = stateAfter([
  ['teacher', 'calibrate', 0, started],
  ['teacher', 'calibrate', 1000, progress(256, 256, 'samples')],
  ['teacher', 'calibrate', 1500, ended],
  ['teacher', 'score', 1500, started],
  ['teacher', 'score', 1600, ended],
  ['width', 'distil', 1600, started],
  ['width', 'distil', 2600, progress(25_000, 100_000)],
  ['width', 'distil', 2600, loss(0, 4)],
  ['width', 'distil', 3600, progress(50_000, 100_000)],
  ['width', 'distil', 3600, loss(1, 2)],
  ['width', 'distil', 3600, { type: 'metric', name: 'memory', step: 0, value: 812e6 }],
]);

describe('a frame', () => {
  test('shows steps and stages with their state, a bar, time left, loss, rate and memory', () => {
    expect(plain(renderFrame(midway, { columns: 81, rows: 24 }, 4600, ['teacher', 'width', 'depth']))).toBe(
      [
        '✓ teacher  calibrate · score                                               1.6 s',
        '● width    distil                                                          2.0 s',
        '  ━━━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  50%  50.0k/100k tokens  2.0 s left',
        '  loss 2.000 █▁   25.0k tokens/s   812 MB   3.6 s in all',
        '○ depth',
      ].join('\n'),
    );
  });

  test('drops first the counts, then more, where the terminal is narrow', () => {
    expect(plain(renderFrame(midway, { columns: 40, rows: 24 }, 4600))).toBe(
      [
        '✓ teacher  calibrate · score      1.6 s',
        '● width    distil                 2.0 s',
        '  ━━━━━━━━━╌╌╌╌╌╌╌╌╌╌  50%  2.0 s left',
        '  loss 2.000 █▁',
        '  25.0k tokens/s   812 MB   3.6 s in a…',
      ].join('\n'),
    );
  });

  test('keeps what is at work in sight where the terminal is low', () => {
    const many = Array.from({ length: 12 }, (_, index) => `step ${index}`);
    const state = stateAfter([
      ...many.flatMap((name) => [[name, 'prune', 0, started] as const, [name, 'prune', 100, ended] as const]),
      ['last', 'distil', 0, started],
      ['last', 'distil', 1000, progress(1, 2)],
    ]);
    const lines = plain(renderFrame(state, { columns: 60, rows: 9 }, 2000, ['later', 'latest'])).split('\n');
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(lines[0]).toMatch(/… \d+ done/);
    expect(lines.findIndex((line) => line.startsWith('● last'))).toBeGreaterThan(0);
    expect(lines.find((line) => line.includes('50%'))).toBeDefined();
  });

  test.each([1, 2, 5, 10, 17, 33, 60, 120, 300])('never exceeds %i columns, nor any height', (columns) => {
    for (const rows of [1, 2, 3, 5, 24]) {
      const lines = renderFrame(midway, { columns, rows }, 4600, ['depth', '日本語'.repeat(30)]);
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(Math.max(1, columns - 1));
    }
  });

  test('measures names by the columns they take', () => {
    const state = stateAfter([
      ['日本語', 'distil', 0, started],
      ['日本語', 'distil', 1000, ended],
      ['ab', 'prune', 0, started],
    ]);
    const [first, second] = plain(renderFrame(state, { columns: 60, rows: 24 }, 1000)).split('\n');
    expect(textWidth((first ?? '').split('distil')[0] ?? '')).toBe((second ?? '').split('prune')[0]?.length);
  });

  test('shows no time left before there is a rate, and no bar before there is progress', () => {
    const fresh = stateAfter([['a', 'search', 0, started]]);
    expect(plain(renderFrame(fresh, { columns: 60, rows: 24 }, 1000))).not.toMatch(/%|left/);
  });

  test('says under the bar which part of the work is done', () => {
    const part = 'candidate 2 of 8, rung 1 of 3';
    const state = stateAfter([
      ['a', 'search', 0, started],
      ['a', 'search', 1000, { ...progress(10, 100), part }],
    ]);
    const lines = plain(renderFrame(state, { columns: 80, rows: 24 }, 1000)).split('\n');
    expect(lines.at(-1)?.trim()).toMatch(new RegExp(`^${part} {3}10 tokens/s`));
  });
});
