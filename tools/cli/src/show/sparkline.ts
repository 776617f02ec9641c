// A series as a row of blocks, and a series that stays short however long a run is.
import { at } from '@espalier/core';

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The values as at most `width` blocks from least to most; each block is the mean of its share. */
export function sparkline(values: readonly number[], width: number): string {
  const count = Math.min(width, values.length);
  if (count < 1) return '';
  const means = Array.from({ length: count }, (_, index) => {
    const share = values.slice(
      Math.floor((index * values.length) / count),
      Math.floor(((index + 1) * values.length) / count),
    );
    return share.reduce((a, b) => a + b, 0) / share.length;
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const level = (mean: number): number => (high > low ? Math.round((7 * (mean - low)) / (high - low)) : 0);
  return means.map((mean) => at(blocks, level(mean))).join('');
}

/** Means of `stride` values each, in order; `rest` are the values that do not fill a stride yet. */
export interface Series {
  readonly stride: number;
  readonly means: readonly number[];
  readonly rest: readonly number[];
  readonly last?: number;
}

export const emptySeries: Series = { stride: 1, means: [], rest: [] };
const LONGEST = 256;

/** The series with one more value. Pairs of means are merged when there are too many; infinite values are left out. */
export function append(series: Series, value: number): Series {
  if (!Number.isFinite(value)) return series;
  const rest = [...series.rest, value];
  if (rest.length < series.stride) return { ...series, rest, last: value };
  const means = [...series.means, rest.reduce((a, b) => a + b, 0) / rest.length];
  if (means.length < LONGEST) return { ...series, means, rest: [], last: value };
  const merged = Array.from({ length: LONGEST / 2 }, (_, i) => (at(means, 2 * i) + at(means, 2 * i + 1)) / 2);
  return { stride: 2 * series.stride, means: merged, rest: [], last: value };
}
