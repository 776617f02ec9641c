// Work that must end ends, and is not called endless where it was the machine that had no time.
import { afterEach, expect, test, vi } from 'vitest';
import { withDeadline } from './deadline.js';

const late = (): Error => new Error('late');
const spin = (milliseconds: number): void => {
  for (const until = Date.now() + milliseconds; Date.now() < until;);
};
const without = (): void => {
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
};
afterEach(() => vi.restoreAllMocks());

test('what is in time is returned, and what fails throws its own error', () => {
  expect(withDeadline(5000, () => 7, late)).toBe(7);
  expect(() => withDeadline(5000, (): unknown => JSON.parse('{'), late)).toThrow(SyntaxError);
});

test('what computes for too long is late', () => {
  vi.spyOn(process, 'cpuUsage').mockReturnValue({ user: 50_000, system: 0 });
  let tries = 0;
  expect(() => withDeadline(20, () => ((tries += 1), spin(1000)), late)).toThrow('late');
  expect(tries).toBe(1);
});

test('what had no processor is begun again, and ends all the same', () => {
  without();
  let tries = 0;
  const stalled = (): number => ((tries += 1) < 3 && spin(1000), tries);
  expect(withDeadline(20, stalled, late)).toBe(3);
  tries = 0;
  expect(() => withDeadline(20, () => ((tries += 1), spin(1000)), late)).toThrow('late');
  expect(tries).toBe(10);
});
