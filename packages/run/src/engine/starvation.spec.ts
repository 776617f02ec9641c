// When a run is said to be starved: on readings that are given, so that no machine's load matters.
import type { PipelineEvent } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { starved, withStarvation, type Reading } from './starvation.js';

const none: Reading = { wall: 0, cpu: 0, preempted: 0 };
const reading = (wall: number, cpu: number, preempted: number): Reading => ({ wall, cpu, preempted });

describe('ten seconds of a run', () => {
  test('with a fifth of two cores, driven off them hundreds of times, are told with the share and the flag', () => {
    expect(starved(none, reading(10_000, 4000, 900), 2)).toBe(
      "other programs leave this run about 40% of a core's time for 2 threads, which wait for each other: set --threads 1, or backend: { name: ort, threads: 1 } in the recipe " +
        '(results may differ in the last digits), let them end, or expect it to take longer than planned',
    );
  });

  test('of one thread are not told to take fewer', () => {
    const said = starved(none, reading(10_000, 4000, 900), 1);
    expect(said).toContain("about 40% of a core's time: let them end");
    expect(said).not.toContain('--threads');
  });

  test.each([
    ['with the time of both cores', reading(10_000, 17_000, 5000)],
    ['that wait for a disk', reading(10_000, 500, 20)],
    ['on a quiet machine, half in JavaScript', reading(10_000, 11_000, 60)],
  ])('%s are fine', (_what, after) => {
    expect(starved(none, after, 2)).toBeUndefined();
  });
});

test('events go through as they are; one warning comes after the first starved window, and no other', () => {
  const readings = [none];
  for (let second = 1; second <= 40; second++) {
    // Fine for fifteen seconds, starved from then on.
    const late = Math.max(second - 15, 0);
    readings.push(reading(second * 1000, (second - late) * 1900 + late * 300, late * 200));
  }
  const shown: PipelineEvent[] = [];
  let at = 0;
  const tell = withStarvation(
    (event) => shown.push(event),
    2,
    () => {
      const next = readings[at++];
      if (next === undefined) throw new Error('it reads more often than there are events');
      return next;
    },
  );
  const event = (step: number): PipelineEvent => {
    return { type: 'metric', name: 'loss', step, value: 1, run: 'width', stage: 'distil', time: step };
  };
  for (let step = 1; step <= 40; step++) tell(event(step));
  expect(shown.filter(({ type }) => type === 'metric')).toEqual(Array.from({ length: 40 }, (_, i) => event(i + 1)));
  const warnings = shown.filter(({ type }) => type === 'warning');
  expect(warnings).toHaveLength(1);
  expect(shown.indexOf(warnings[0] as PipelineEvent)).toBe(20); // after the event of the twentieth second
  expect(at).toBe(21); // no more readings once it is told
  expect(warnings[0]).toMatchObject({ message: expect.stringContaining('about 110% of a core') as unknown });
});

test('a backend that does not say its threads is not judged', () => {
  const show = (): void => undefined;
  expect(withStarvation(show, undefined)).toBe(show);
});
