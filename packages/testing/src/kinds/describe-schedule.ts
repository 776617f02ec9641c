// The suite that every learning-rate schedule must pass.
import { describe, expect, test } from 'vitest';
import type { Schedule } from '@espalier/core';

/** Declares the suite's tests: every rate is finite and at least 0, some is above, and step and steps alone decide. */
export function describeSchedule(schedule: Schedule): void {
  describe(`schedule ${schedule.name}`, () => {
    test.each([1, 2, 10, 1000])('is finite and not negative at every one of %d steps', (steps) => {
      const rates = Array.from({ length: steps }, (_, step) => schedule(step, steps));
      expect(rates.filter((rate) => !Number.isFinite(rate) || rate < 0)).toEqual([]);
    });

    test('trains: some rate is above 0', () => {
      expect(Math.max(...Array.from({ length: 10 }, (_, step) => schedule(step, 10)))).toBeGreaterThan(0);
    });

    test('depends on nothing but step and steps', () => {
      expect(schedule(3, 10)).toBe(schedule(3, 10));
    });
  });
}
