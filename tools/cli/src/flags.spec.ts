// Numbers given as flags: what is taken, and the bound that is named where they are not.
import { expect, test } from 'vitest';
import { fraction, integer, limits, nonNegative, positive, temperature } from './flags.js';

const huge = ['1e308', '9'.repeat(400), '99999999999999999999', '-1', '0', '', ' ', 'NaN', 'Infinity', '0x10', '1.5', '½', '1,000', 'constructor']; // prettier-ignore

test.each(Object.entries(limits))('%s has a bound with a reason, and takes what is below it', (_name, limit) => {
  const read = positive(limit);
  for (const text of huge) expect(() => read(text)).toThrow(/It must be/);
  expect(() => read('9'.repeat(400))).toThrow(`It must be at most ${limit[0]}: ${limit[1]}.`);
  expect(() => read(String(limit[0] + 1))).toThrow(limit[1]);
  expect(read(String(limit[0]))).toBe(limit[0]);
  expect(read('1')).toBe(1);
});

test('units and zero', () => {
  expect(positive(limits.tokens)('1.5M')).toBe(1_500_000);
  expect(nonNegative(limits.steps)('0')).toBe(0);
  expect(() => positive(limits.batch)('70k')).toThrow(/at most 65536/);
});

test('seeds, shares and temperatures', () => {
  expect(integer('-7')).toBe(-7);
  for (const text of ['1e5', '9007199254740993', '9'.repeat(400), '', 'constructor'])
    expect(() => integer(text)).toThrow();
  for (const text of ['1e308', '-1', 'NaN', '']) expect(() => temperature(text)).toThrow();
  for (const text of ['1.1', '0', '-0.1', 'NaN', '1e308']) expect(() => fraction(text)).toThrow();
});
