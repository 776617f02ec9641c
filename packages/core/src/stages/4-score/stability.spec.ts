// Rank stability against samples whose truth is known.
import { expect, test } from 'vitest';
import { random as seeded } from '../../random.js';
import type { Statistics } from '../3-calibrate/statistics.js';
import { statistic } from '../3-calibrate/statistics.js';
import { toyArchitecture, toyModel } from '../testing/toy-model.js';
import { observedOf } from './combine-scores.js';
import type { ImportanceScorer, Observed } from './importance-scorer.js';
import { describeStability, rankStability } from './stability.js';

const observation = { key: 'value', size: 4, observe: () => Promise.reject(new Error('not run')) as never };

/** Means of the statistic "value", as scores of one axis. */
const means = (axis: 'hidden' | 'heads', length: number): ImportanceScorer => ({
  name: 'means',
  summary: '',
  observe: () => [observation],
  score({ statistics, architecture }) {
    const own = Array.from(statistic(statistics, 'value'), (sum) => sum / statistics.samples);
    const lists = Array.from({ length: architecture.layers }, (_, layer) =>
      own.slice(layer * length, (layer + 1) * length),
    );
    return axis === 'hidden' ? { hidden: own } : { heads: lists };
  },
});

/** Statistics of folds given by their sums, one sample each. */
const statisticsOf = (folds: readonly (readonly number[])[], samples = 1): Statistics => ({
  model: '',
  folds: folds.map(() => ({ samples, tokens: samples })),
  samples: samples * folds.length,
  tokens: samples * folds.length,
  sums: { value: Float32Array.from(folds.flat()) },
});

const observed = (statistics: Statistics, hidden = 4): Observed => ({
  ...observedOf(toyModel(), statistics, seeded(1)),
  architecture: { ...toyArchitecture, sizes: { ...toyArchitecture.sizes, hidden } },
});

test('what changes when a fold is left out is counted, fold by fold', async () => {
  // Means 4, 3, 2, 0: kept 0 and 1. Without fold 0: 3, 0, 3, 0; without fold 1: 3, 6, 0, 0; without fold 2: 6, 3, 3, 0.
  const folds = [
    [6, 9, 0, 0],
    [6, 0, 6, 0],
    [0, 0, 0, 0],
  ];
  const stability = await rankStability([means('hidden', 4)], observed(statisticsOf(folds)), 0.5);
  expect(stability['hidden']).toMatchObject({ kept: 2, changed: 1 / 3, worst: 1 });
  expect(stability['hidden']?.expected).toBeCloseTo((Math.SQRT2 * (1 / 3)) / 2, 12);
});

test('heads are compared within their key/value groups, as they are pruned', async () => {
  // Two groups of two heads, the same in all layers: the best of each group never changes, though the best two of four do.
  const layer = [
    [9, 8, 2, 1],
    [1, 0, 9, 8],
  ];
  const folds = layer.map((own) => [...own, ...own, ...own]);
  const { heads } = await rankStability([means('heads', 4)], observed(statisticsOf(folds)), 0.5);
  expect(heads).toMatchObject({ kept: 6, changed: 0, worst: 0, expected: 0 });
});

test('the expected share is about what an endless sample would change', async () => {
  const [channels, folds, samples] = [4000, 8, 16];
  const stream = seeded(3);
  const truth = Array.from({ length: channels }, () => stream.normal());
  // Sum of `samples` draws with standard deviation 2 around the truth.
  const sums = Array.from({ length: folds }, () =>
    truth.map((mean) => samples * mean + 2 * Math.sqrt(samples) * stream.normal()),
  );
  const own = observed(statisticsOf(sums, samples), channels);
  const { hidden } = await rankStability([means('hidden', channels)], own, 0.5);
  const totals = truth.map((_, channel) => sums.reduce((total, fold) => total + (fold[channel] ?? NaN), 0));
  const top = (list: readonly number[]): Set<number> =>
    new Set([...list.keys()].sort((a, b) => (list[b] ?? 0) - (list[a] ?? 0)).slice(0, channels / 2));
  const right = top(truth);
  const wrong = [...top(totals)].filter((channel) => !right.has(channel)).length / (channels / 2);
  expect(wrong).toBeGreaterThan(0.03);
  expect(Math.abs((hidden?.expected ?? NaN) / wrong - 1)).toBeLessThan(0.2);
});

test('one fold tells nothing, and scorers that read no text are left out', async () => {
  const one = observed(statisticsOf([[1, 2, 3, 4]]));
  expect(await rankStability([means('hidden', 4)], one, 0.5)).toEqual({});
  const still: ImportanceScorer = { ...means('hidden', 4), observe: () => [] };
  expect(await rankStability([still], observed(statisticsOf([[1], [2]])), 0.5)).toEqual({});
});

test('the verdict is in words, and says how large a sample would do', () => {
  const row = { kept: 100, changed: 0.5, worst: 2, expected: 0.013 };
  const folds = Array.from({ length: 8 }, () => ({ samples: 128, tokens: 9 }));
  expect(describeStability({ ffn: row }, 0.5, { samples: 1024, folds })).toEqual({
    changes:
      'with 50% of each axis kept, these change when one of 8 folds of 1024 samples is left out: ffn 0.5 of 100 (an endless sample: 1.3%)',
    verdict: 'the sample is large enough',
  });
  const small = { ...row, changed: 3, expected: 0.12 };
  // (0.12 / 0.05)² = 5.76, so 8 times as many.
  expect(describeStability({ ffn: row, hidden: small }, 0.5, { samples: 64, folds }).verdict).toBe(
    'the sample is small for hidden: about 512 samples would bring that to 5%',
  );
});
