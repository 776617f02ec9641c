// What halving would spend, and what it refuses; trials are run in the command line's tests, on ONNX Runtime.
import { expect, test } from 'vitest';
import { halvingSearch } from './halving.js';

test.each([
  // 8, then 4, then 2 candidates
  [8, {}, 8 * 100_000 + 4 * 100_000 + 2 * 200_000],
  [5, { keep: 0.5, rungs: [10, 30] }, 5 * 10 + 3 * 20],
  [3, { keep: 0.1, rungs: [10, 20, 30] }, 3 * 10 + 10 + 10],
  [1, { rungs: [7] }, 7],
])('%i candidates with %j take %i tokens', (candidates, options, tokens) => {
  expect(halvingSearch(options).tokens(candidates)).toBe(tokens);
});

test('a candidate is measured at the end of each rung that it reaches', () => {
  expect(halvingSearch({}).measurements(8)).toBe(8 + 4 + 2);
});

test.each([
  [{ rungs: [48, 24] }, 'must ascend'],
  [{ rungs: [] }, 'rungs'],
  [{ keep: 1 }, 'keep'],
])('%j is refused', (options, message) => {
  expect(() => halvingSearch(options)).toThrow(message);
});
