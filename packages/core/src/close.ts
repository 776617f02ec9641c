// Comparing computed numbers with expected ones: one relative error per tensor, in which NaN and infinities must match.
import { at } from './look-up.js';

/**
 * Largest |actual − expected| relative to max(1, max |expected|); `Infinity` where the counts differ, or where only one of two
 * values is NaN or the same infinity.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return worst(actual, expected).error;
}

/**
 * Throws, naming the worst element, unless the largest |actual − expected| is at most `relative` · max(1, max |expected|); NaN
 * and infinities must match. `what` opens the message.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative = 1e-5,
  what = 'result',
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what} has ${actual.length} elements, expected ${expected.length}`);
  }
  const { error, index } = worst(actual, expected);
  if (error <= relative) return;
  throw new Error(
    `${what}: element ${index} of ${expected.length} is ${actual[index]}, expected ${expected[index]}; ` +
      `relative error ${error.toExponential(2)} is above ${relative}`,
  );
}

function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): { error: number; index: number } {
  if (actual.length !== expected.length) return { error: Infinity, index: 0 };
  const size = Array.from(expected, Math.abs).reduce((a, b) => (Number.isFinite(b) ? Math.max(a, b) : a), 1);
  let result = { error: 0, index: 0 };
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [at(actual, index), at(expected, index)];
    if (a === b || Object.is(a, b)) continue;
    const difference = Math.abs(a - b) / size;
    const error = Number.isFinite(difference) ? difference : Infinity;
    if (error > result.error) result = { error, index };
  }
  return result;
}
