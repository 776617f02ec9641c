// What a verdict says of known numbers, each figure worked out by hand.
import type { Measured } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import type { SummaryRow } from '../engine/summary.js';
import { gapBetween, isBetter, shownMeasures, timedApart } from './significance.js';
import { betterRows, verdict } from './verdict.js';

const loss = (value: number, half: number | null = 0.01): Measured => ({
  evaluator: 'perplexity',
  name: 'loss',
  label: 'loss',
  better: 'lower',
  value,
  interval: half === null ? null : [value - half, value + half],
});
const speed = (value: number, half: number): Measured => ({
  ...{ evaluator: 'throughput', name: 'tokensPerSecond', label: 'tokens/s', form: 'count', better: 'higher' },
  value,
  timed: true,
  range: [value - half, value + half],
});
const row = (name: string, value: Measured, more: Partial<SummaryRow> = {}): SummaryRow => ({
  name,
  parameters: 500,
  nonEmbeddingParameters: 400,
  cutFrom: 1000,
  measures: [value],
  trainingTokens: name.endsWith('/pruned') ? 0 : 240,
  ...more,
});
const teacher = row('teacher', loss(1), { parameters: 1000, trainingTokens: 0 });
const said = (rows: readonly SummaryRow[], more: object = {}): string =>
  verdict({ rows: [teacher, ...rows], answer: { row: 'a/distilled', taught: true, ...more } }).join(' ');
const pruned = row('a/pruned', loss(3));

describe('the verdict', () => {
  test('says what is kept, how far the loss is from the teacher, and what the training gave back', () => {
    const text = said([pruned, row('a/distilled', loss(1.5))]);
    expect(text).toContain('“a: pruned + distilled” keeps 50.0% of the parameters: 500 of the teacher');
    // √(0.01² + 0.01²) = 0.014
    expect(text).toContain("Its loss is 1.50, 0.500 (95% ±0.014) more than the teacher's 1.00.");
    // (3 − 1.5) / (3 − 1)
    expect(text).toContain('Distillation closed 75% of what pruning cost (loss 3.00 right after it).');
    expect(text).not.toContain('its step began with');
  });

  test('of a teacher that is worse than a guess says what to do instead, and not that more of it helps', () => {
    const guess = (value: number): Measured => ({ ...loss(value), chance: 6 });
    const rows = [{ ...teacher, measures: [guess(7.8)] }, row('a/pruned', guess(7.4)), row('a/distilled', guess(6.8))];
    const text = verdict({ rows, answer: { row: 'a/distilled', taught: true } }).join(' ');
    expect(text).toContain('The teacher itself is worse than a guess by loss: it does not know this text.');
    expect(text).toContain('train on the text alone');
    expect(text).not.toMatch(/more usually help|Pruning alone cost|gave back/);
  });

  test('says that a student is slower, and that nothing can be told where timings vary by more than they differ', () => {
    const of = (value: number): string => {
      const measures = (own: number): readonly Measured[] => [loss(1), speed(own, 20)];
      const rows = [
        { ...teacher, measures: measures(100) },
        { ...row('a/distilled', loss(1)), measures: measures(value) },
      ];
      return verdict({ rows, answer: { row: 'a/distilled', taught: true } }).join(' ');
    };
    expect(of(130)).toContain(
      "Whether it is faster than the teacher on this machine cannot be told: tokens/s 130, the teacher's 100, and repeated timings differ by as much.",
    );
    expect(of(90)).toContain('cannot be told');
    expect(of(59)).toContain("It is slower than the teacher on this machine: tokens/s 59, the teacher's 100.");
    expect(of(150)).not.toMatch(/faster|slower/);
  });

  test('compares the tokens with what is usual: 16 for each parameter', () => {
    expect(said([row('a/distilled', loss(1.5))])).toContain('trained on 240 tokens, 3.0% of the usual 16 tokens');
    const of = (trainingTokens: number): string => said([row('a/distilled', loss(1.5), { trainingTokens })]);
    expect(of(8000)).toContain('as many as the usual');
    expect(of(16_000)).toContain('2.0 times the usual');
    expect(of(1)).toContain('less than 0.1% of the usual');
    expect(of(8000)).not.toContain('more usually help');
  });

  test('says so where it is not known how sure a loss is, and where a difference is noise', () => {
    const few = [row('a/distilled', loss(1.5, null))];
    expect(said(few)).toContain('0.500 more than the teacher');
    expect(said(few)).toContain('there are too few documents to say how sure');
    expect(said([row('a/distilled', loss(1.012))])).toContain('which is within noise');
  });

  test('is honest where training or pruning did nothing', () => {
    expect(said([pruned, row('a/distilled', loss(3.5))])).toContain('gave back nothing of what pruning cost');
    expect(said([pruned, row('a/distilled', loss(0.9))])).toContain('closed all of what pruning cost');
    expect(said([row('a/pruned', loss(0.9)), row('a/distilled', loss(0.8))])).toContain('Pruning alone cost no loss');
    expect(said([pruned, row('a/distilled', loss(1.5))], { taught: false })).toContain('Retraining on the text alone');
  });

  test('of a later step tells both shares', () => {
    const text = said([row('a/distilled', loss(1.5), { parameters: 300, cutFrom: 400 })]);
    expect(text).toContain('keeps 30.0% of the parameters');
    expect(text).toContain('and 75.0% of the 400 that its step began with');
  });

  test('is silent where the model was not measured', () => {
    expect(said([pruned])).toBe('');
    expect(verdict({ rows: [] })).toEqual([]);
  });
});

describe('a better model', () => {
  const own = row('a/distilled', loss(1.5));
  const names = (...rows: readonly SummaryRow[]): readonly string[] =>
    betterRows({ rows: [teacher, pruned, own, ...rows], answer: { row: 'a/distilled' } }).map(({ name }) => name);

  test('is one that is no larger, was trained, and is better beyond noise; the best comes first', () => {
    const close = row('a/lm-loss', loss(1.49));
    const better = row('b/distilled', loss(1.4), { parameters: 450 });
    const best = row('b/lm-loss', loss(1.3));
    expect(names(close, better, best)).toEqual(['b/lm-loss', 'b/distilled']);
    expect(names(row('c/distilled', loss(1.2), { parameters: 501 }))).toEqual([]);
    expect(names(row('c/pruned', loss(1.2)))).toEqual([]);
  });

  test('is not named where it is unknown how sure the numbers are', () => {
    expect(names(row('a/lm-loss', loss(1.2, null)))).toEqual([]);
  });

  test('is in the verdict with its numbers', () => {
    expect(said([pruned, own, row('b/distilled', loss(1.4), { parameters: 450 })])).toContain(
      '“b: pruned + distilled” is better with 450 parameters: loss 1.40, better by 0.100 (95% ±0.014).',
    );
  });
});

test('a difference has the interval of two independent numbers, or none', () => {
  expect(gapBetween(loss(2, 0.3), loss(1, 0.4))).toEqual({ value: 1, half: expect.closeTo(0.5, 9) as number });
  expect(gapBetween(loss(2, null), loss(1, 0.4)).half).toBeNull();
  expect(isBetter(loss(1, 0.3), loss(1.4, 0.4))).toBeUndefined();
  expect(isBetter(loss(1, 0.3), loss(2, 0.4))).toBe(true);
  expect(isBetter(loss(2, 0.3), loss(1, 0.4))).toBe(false);
});

test('timings are told apart, and shown, where they differ by more than they vary', () => {
  expect(timedApart(speed(100, 20), speed(139, 5))).toBe(false);
  expect(timedApart(speed(100, 20), speed(141, 5))).toBe(true);
  const rows = (own: Measured) => [row('teacher', speed(100, 20)), row('a/distilled', own)];
  expect(shownMeasures(rows(speed(130, 20)))).toEqual([]);
  expect(shownMeasures(rows(speed(150, 20)))).toHaveLength(1);
  expect(shownMeasures(rows(speed(150, 20)).slice(0, 1))).toHaveLength(1);
});
