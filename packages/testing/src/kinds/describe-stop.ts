// The suite that every rule for ending a training must pass.
import { EMPTY, of, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { MetricEvent, StopRule } from '@espalier/core';

/** Declares the suite's tests: it ends nothing before anything is measured, listens no longer than it is listened to, and repeats itself. */
export function describeStop(rule: StopRule): void {
  const curve = (values: readonly number[]): readonly MetricEvent[] =>
    values.map((value, step) => ({ type: 'metric', name: 'validation/loss', step, value }));

  /** Metrics heard when it first said something; none where it never did. */
  function heard(metrics: readonly MetricEvent[]): number | undefined {
    const stream = new Subject<MetricEvent>();
    let [count, ended]: [number, number | undefined] = [0, undefined];
    rule.when(stream).subscribe(() => (ended ??= count));
    for (const metric of metrics) {
      count++;
      stream.next(metric);
    }
    stream.complete();
    return ended;
  }

  describe(`stop ${rule.name}`, () => {
    test('ends no training of which nothing was measured', () => {
      let said = 0;
      rule.when(EMPTY).subscribe(() => said++);
      expect(said).toBe(0);
    });

    test('passes over metrics that it does not know', () => {
      const other: MetricEvent = { type: 'metric', name: 'of somebody else', step: 0, value: NaN };
      expect(() => rule.when(of(other, other)).subscribe()).not.toThrow();
    });

    test('says the same of the same metrics, in a training of their own', () => {
      const metrics = curve([3, 2, 1, ...Array.from({ length: 50 }, () => 1)]);
      expect(heard(metrics)).toBe(heard(metrics));
    });

    test('hears nothing more once nobody listens to it', () => {
      const stream = new Subject<MetricEvent>();
      rule.when(stream).subscribe().unsubscribe();
      expect(stream.observed).toBe(false);
    });
  });
}
