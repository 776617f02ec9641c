// The suite that every subscriber must pass.
import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { PipelineEvent, StageReport, Subscriber } from '@espalier/core';

const stamp = { run: 'run', stage: 'distil', time: 1 } as const;
const reports: readonly StageReport[] = [
  { type: 'progress', done: 1, total: 2, unit: 'tokens' },
  { type: 'metric', name: 'loss', step: 0, value: 1.5 },
  { type: 'metric', name: 'loss', step: 10, value: 1.25 },
  { type: 'warning', message: 'careful' },
];
const events: readonly PipelineEvent[] = [
  { type: 'stage-started', ...stamp },
  ...reports.map((own) => ({ ...own, ...stamp })),
  { type: 'stage-finished', ...stamp },
];

/**
 * Declares the suite's tests: it takes every type of event, changes none, and lets go of the stream when this ends or it is
 * unsubscribed.
 */
export function describeSubscriber(subscriber: Subscriber): void {
  describe(`subscriber ${subscriber.name}`, () => {
    test('takes every type of event, changes none, and ends with the stream', () => {
      const stream = new Subject<PipelineEvent>();
      const before = structuredClone(events);
      subscriber.listen(stream).subscribe();
      for (const event of events) stream.next(event);
      stream.complete();
      expect(events).toEqual(before);
      expect(stream.observed).toBe(false);
    });

    test('lets go when it is unsubscribed', () => {
      const stream = new Subject<PipelineEvent>();
      const subscription = subscriber.listen(stream).subscribe();
      expect(stream.observed).toBe(true);
      subscription.unsubscribe();
      expect(stream.observed).toBe(false);
    });
  });
}
