// Works that take a while are told of, and others not; with the timers of the process set by hand.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toldWhile } from './told-while.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a work is told of twice a second, and at its end; nothing comes after it', async () => {
  const told: number[] = [];
  const work = toldWhile(
    ({ done, total, unit }) => {
      expect([total, unit]).toEqual([4, 'weights loaded']);
      told.push(done);
    },
    'weights loaded',
    4,
    async (count) => {
      for (let index = 0; index < 4; index++) {
        await wait(400);
        count();
      }
      return 'all';
    },
  );
  await vi.advanceTimersByTimeAsync(5000);
  expect(await work).toBe('all');
  expect(told).toEqual([1, 2, 3, 4]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a short work is not told of, and one that fails is no longer', async () => {
  const told: number[] = [];
  const watch = ({ done }: { readonly done: number }): void => void told.push(done);
  const short = toldWhile(watch, 'programs compiled', 1, () => wait(300));
  await vi.advanceTimersByTimeAsync(300);
  await short;
  expect(told).toEqual([]);
  const failing = toldWhile(watch, 'programs compiled', 1, () => wait(700).then(() => Promise.reject(new Error('no'))));
  const failed = expect(failing).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(3000);
  await failed;
  expect(told).toEqual([0]);
  expect(vi.getTimerCount()).toBe(0);
});
