// Learning rates by step.
import type { Schedule } from '@espalier/core';
import { expect, test } from 'vitest';
import { constantRate } from './constant.js';
import { cosine } from './cosine.js';
import { linear } from './linear.js';
import { wsd } from './wsd.js';

const all = [cosine, linear, constantRate, wsd].map((make) => [make.name, make] as const);
const rates = (schedule: Schedule, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => schedule(step, steps));

test.each(all)('%s rises to its peak in the steps of its warm-up, at most half of the run', (_name, make) => {
  expect(rates(make({ peak: 8, warmup: 4 }), 20).slice(0, 5)).toEqual([2, 4, 6, 8, 8]);
  expect(rates(make({ peak: 8, warmup: 100 }), 8).slice(0, 4)).toEqual([2, 4, 6, 8]);
});

test('linear falls in a straight line to its minimum', () => {
  expect(rates(linear({ peak: 10, minimum: 2 }), 4)).toEqual([10, 8, 6, 4]);
  expect(linear({ peak: 10, minimum: 2 })(4, 4)).toBe(2);
});

test('constant stays', () => {
  expect(rates(constantRate({ peak: 3 }), 3)).toEqual([3, 3, 3]);
});

test('wsd stays at its peak and falls over the last share of the steps', () => {
  expect(rates(wsd({ peak: 10, minimum: 0, decay: 0.5, warmup: 1 }), 8)).toEqual([10, 10, 10, 10, 10, 7.5, 5, 2.5]);
  expect(wsd({ peak: 10 })(8, 8)).toBe(1);
});
