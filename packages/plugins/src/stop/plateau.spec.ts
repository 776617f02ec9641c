// Ends of trainings on curves whose end is known.
import type { MetricEvent } from '@espalier/core';
import { firstValueFrom, from, map, Subject, tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { plateau } from './plateau.js';

/** Which of these values was the last one looked at; none where the training goes on. */
async function lastLookedAt(
  values: readonly number[],
  options: Parameters<typeof plateau>[0] = {},
  name = 'validation/loss',
): Promise<number | undefined> {
  let last: number | undefined;
  const metrics = from(values.map((value, step): MetricEvent => ({ type: 'metric', name, step, value })));
  const ended = plateau(options)
    .when(metrics.pipe(tap(({ step }) => (last = step))))
    .pipe(map(() => last));
  return firstValueFrom(ended, { defaultValue: undefined });
}

describe('a training ends', () => {
  test('after three measurements that are no better than the best', async () => {
    expect(await lastLookedAt([4, 3, 2, 2.5, 2.1, 2, 1])).toBe(5);
  });

  test('after as many as it is told, each improvement being waited for anew', async () => {
    expect(await lastLookedAt([4, 5, 3, 5, 5, 1], { patience: 2 })).toBe(4);
    expect(await lastLookedAt([4, 5], { patience: 1 })).toBe(1);
  });

  test('where improvements are smaller than they must be', async () => {
    const values = [4, 3.95, 3.9, 3.85, 3.8];
    expect(await lastLookedAt(values, { minimum: 0.3 })).toBe(3);
    expect(await lastLookedAt(values)).toBeUndefined();
  });

  test('by the metric that it is told, and by no other', async () => {
    const flat = [1, 1, 1, 1];
    expect(await lastLookedAt(flat, { metric: 'loss' })).toBeUndefined();
    expect(await lastLookedAt(flat, { metric: 'loss' }, 'loss')).toBe(3);
  });

  test('when what is measured is no longer a number', async () => {
    expect(await lastLookedAt([2, NaN, NaN, NaN, 1])).toBe(3);
  });
});

test('two trainings do not wait together', () => {
  const rule = plateau({ patience: 2 });
  const [one, other] = [new Subject<MetricEvent>(), new Subject<MetricEvent>()];
  const ends: string[] = [];
  rule.when(one).subscribe(() => ends.push('one'));
  rule.when(other).subscribe(() => ends.push('other'));
  const worse: MetricEvent = { type: 'metric', name: 'validation/loss', step: 0, value: 1 };
  for (const stream of [one, other, one, one]) stream.next(worse);
  expect(ends).toEqual(['one']);
});
