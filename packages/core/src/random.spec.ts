// Seeded random numbers: repeatable, spread as they say, and streams that have nothing to do with each other.
import { expect, test } from 'vitest';
import { random } from './random.js';

const take = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);

test('a seed means the same numbers on every machine and in every version', () => {
  // Computed apart in Python, with 32-bit integers: splitmix32 of seed 1, and of its stream "data".
  const words = take(4, random(1).uniform).map((value) => value * 2 ** 32);
  expect(words).toEqual([1580013426, 350525680, 3524174333, 3011703609]);
  expect(random(1).fork('data').uniform() * 2 ** 32).toBe(4118642470);
});

test('integers are spread evenly below their bound (chi-square of 63 degrees, 99.9%)', () => {
  const stream = random(7);
  const counts = new Array<number>(64).fill(0);
  for (const value of take(64_000, () => stream.integer(64))) counts[value] = (counts[value] ?? 0) + 1;
  expect(counts).toHaveLength(64); // nothing fell outside
  expect(counts.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(103.4);
});

test('normal numbers have the moments of the normal distribution', () => {
  const values = take(100_000, random(3).normal);
  const moment = (power: number): number => values.reduce((total, x) => total + x ** power, 0) / values.length;
  // Five standard errors of each moment.
  expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / 1e5));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / 1e5));
  expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / 1e5));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / 1e5));
});

test('a stream of a label is the same whatever was drawn before, and another one for every label and seed', () => {
  const [fresh, used] = [random(5), random(5)];
  take(10, used.uniform);
  expect(take(5, used.fork('x').uniform)).toEqual(take(5, fresh.fork('x').uniform));
  const streams = [
    fresh,
    fresh.fork('x'),
    fresh.fork('y'),
    fresh.fork(0),
    fresh.fork(1),
    random(6),
    random(6).fork('x'),
  ];
  const seen = streams.flatMap((stream) => take(1000, stream.uniform));
  expect(new Set(seen).size).toBeGreaterThan(6990); // shifted copies of one sequence would halve it
});

test('shuffling gives every order of three equally often, and leaves the list alone', () => {
  const stream = random(2);
  const list = ['a', 'b', 'c'];
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = stream.shuffle(list).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(list).toEqual(['a', 'b', 'c']);
  expect(counts.size).toBe(6);
  const chiSquare = [...counts.values()].reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(20.5); // 5 degrees, 99.9%
});

test('one item is picked of a list, none of an empty one', () => {
  const stream = random(4);
  expect(new Set(Array.from({ length: 100 }, () => stream.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
  expect(() => stream.pick([])).toThrow(RangeError);
});
