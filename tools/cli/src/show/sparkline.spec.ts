import { describe, expect, test } from 'vitest';
import { append, emptySeries, sparkline, type Series } from './sparkline.js';

const seriesOf = (values: readonly number[]): Series => values.reduce(append, emptySeries);

describe('sparkline', () => {
  test('runs from the lowest block at the least value to the highest at the greatest', () => {
    expect(sparkline([7, 6, 5, 4, 3, 2, 1, 0], 8)).toBe('█▇▆▅▄▃▂▁');
    expect(sparkline([3, 3, 3], 8)).toBe('▁▁▁');
    expect(sparkline([], 8)).toBe('');
    expect(sparkline([1, 2], 0)).toBe('');
  });

  test('averages what does not fit', () => {
    expect(sparkline([0, 2, 10, 20], 2)).toBe('▁█');
  });
});

describe('series', () => {
  test('keeps short series as they are', () => {
    expect(seriesOf([3, 1, 2])).toEqual({ stride: 1, means: [3, 1, 2], rest: [], last: 2 });
  });

  test('stays short over many steps, with the means of equal shares', () => {
    const values = Array.from({ length: 10_000 }, (_, index) => index);
    const { stride, means, rest, last } = seriesOf(values);
    expect(means.length).toBeLessThan(256);
    expect(last).toBe(9999);
    means.forEach((mean, index) => expect(mean).toBe(index * stride + (stride - 1) / 2));
    expect(means.length * stride + rest.length).toBe(10_000);
  });

  test('leaves out what is not a number', () => {
    expect(seriesOf([1, NaN, Infinity, 2]).means).toEqual([1, 2]);
  });
});
