// Intervals against numbers worked out elsewhere.
import { expect, test } from 'vitest';
import { clear, estimate, pairedDifference, shown } from './summary.js';

test('the interval is Student’s: mean 2, deviation 1, n 3 gives 4.303 / √3', () => {
  const { mean, margin } = estimate([1, 2, 3]);
  expect(mean).toBe(2);
  expect(margin).toBeCloseTo(4.303 / Math.sqrt(3), 10);
});

test('what two variants share cancels out of a paired difference', () => {
  expect(pairedDifference([1, 5, 9], [0.5, 4.5, 8.5])).toEqual({ mean: 0.5, margin: 0 });
  expect(clear(pairedDifference([1, 5, 9], [0.5, 4.5, 8.5]))).toBe(true);
  expect(clear(pairedDifference([1, 5, 9], [2, 4, 9]))).toBe(false);
});

test('a single seed has no interval', () => {
  expect(shown(estimate([0.5]), 2)).toBe('0.50');
  expect(shown(estimate([1, 2, 3]), 2)).toBe('2.00 ± 2.48');
});
