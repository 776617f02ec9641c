// The comparison that every other check leans on.
import { expect, test } from 'vitest';
import { expectClose, relativeError } from './close.js';

test('errors are relative to the largest expected value, but not to less than 1', () => {
  expect(relativeError([1.5], [1])).toBe(0.5);
  expect(relativeError([0.001], [0])).toBe(0.001);
  expect(relativeError([100, 1], [100, 2])).toBe(0.01);
  expect(relativeError([], [])).toBe(0);
});

test('NaN and infinities must be where they are expected', () => {
  expect(relativeError([NaN, Infinity, -Infinity, 1], [NaN, Infinity, -Infinity, 1])).toBe(0);
  expect(relativeError([NaN], [1])).toBe(Infinity);
  expect(relativeError([1], [NaN])).toBe(Infinity);
  expect(relativeError([-Infinity], [Infinity])).toBe(Infinity);
  expect(relativeError([1e30], [Infinity])).toBe(Infinity);
  expect(relativeError([Infinity, 1], [Infinity, 1.5])).toBeCloseTo(1 / 3);
});

test('zeros of either sign are equal', () => {
  expect(relativeError([-0], [0])).toBe(0);
});

test('a different number of values is never close', () => {
  expect(relativeError([1], [1, 1])).toBe(Infinity);
  expect(() => expectClose([1], [1, 1], 1, 'y')).toThrow('y has 1 elements, expected 2');
});

test('the worst element is named', () => {
  expect(() => expectClose([1, 2.5, 3.1], [1, 2, 3], 1e-3, 'y')).toThrow('y: element 1 of 3 is 2.5, expected 2');
  expect(() => expectClose([1 + 1e-6], [1])).not.toThrow();
  expect(() => expectClose([1 + 1e-4], [1])).toThrow('above 0.00001');
});
