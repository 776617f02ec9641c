// Targets in time against a machine whose speed is known.
import { expect, test } from 'vitest';
import { forwardFlops } from '../../cost/index.js';
import type { Architecture } from '../../model/index.js';
import { toyArchitecture, toyFamily } from '../testing/toy-model.js';
import type { ShapeSearch } from './search-strategy.js';
import { compareSpeed, speedDoubts } from './speed.js';
import type { TimeTarget } from './target.js';
import { listTimed, timeLimit } from './timed-search.js';
import { timing, type Timer } from './timer.js';

const model = { family: toyFamily, architecture: toyArchitecture };
const workload = { batch: 2, length: 8 };
const target = (milliseconds: number): TimeTarget => ({ kind: 'latency', milliseconds, workload });
const work = (architecture: Architecture): number => 16 * forwardFlops({ family: toyFamily, architecture }, 8);

/** The widest feed-forward size within the budget. */
const widest: ShapeSearch = {
  name: 'widest',
  summary: '',
  choose({ architecture }, { most, cost }) {
    const shapes = [6, 5, 4, 3, 2, 1].map((ffn) => ({ ...architecture, sizes: { ...architecture.sizes, ffn } }));
    return shapes.find((own) => cost(own) <= most) ?? { ...architecture, sizes: { ...architecture.sizes, ffn: 1 } };
  },
};

/** A machine that takes a millisecond and a bit for each operation; counts what it measures. */
function machine(perOperation: (architecture: Architecture) => number): { readonly timer: Timer; measured: number } {
  const own = {
    measured: 0,
    timer: (architecture: Architecture) => {
      own.measured++;
      return Promise.resolve({ milliseconds: 1 + perOperation(architecture) * work(architecture), spread: 0.01 });
    },
  };
  return own;
}

test('where time follows work, the first prediction holds', async () => {
  const exact = machine(() => 1e-3);
  const half = 1 + 1e-3 * work({ ...toyArchitecture, sizes: { ...toyArchitecture.sizes, ffn: 4 } });
  const { candidates } = await listTimed(widest, model, target(half + 1e-6), exact.timer);
  expect(candidates[0]?.architecture.sizes.ffn).toBe(4);
  expect(candidates[0]?.cost).toBeCloseTo(half, 9);
  expect(exact.measured).toBe(4); // the model (twice: a real timer remembers it), one of half its widths, the choice
});

test('where narrow shapes are slower than predicted, it goes on until one is fast enough', async () => {
  const slow = machine(({ sizes }) => (sizes.ffn < 6 && sizes.hidden === 4 ? 1.05e-3 : 1e-3));
  const limit = 1 + 1e-3 * work(toyArchitecture) * 0.95;
  const { candidates } = await listTimed(widest, model, target(limit), slow.timer);
  expect(candidates[0]?.cost).toBeLessThanOrEqual(limit);
  expect(slow.measured).toBeGreaterThan(4);
});

test('a time that no shape meets is refused with the best that was measured', async () => {
  await expect(listTimed(widest, model, target(1), machine(() => 1e-3).timer)).rejects.toThrow(
    /1 ms for a forward pass .* the fastest of the shapes that were measured takes [\d.]+ ms/,
  );
});

test('throughput is a time too', () => {
  expect(timeLimit({ kind: 'throughput', tokensPerSecond: 4000, workload })).toBe(4);
});

test('the median and the spread of runs', () => {
  expect(timing([5, 1, 2, 3, 2])).toEqual({ milliseconds: 2, spread: 2 });
});

test('a speed-up counts beyond the noise of the runs', async () => {
  const noisy: Timer = ({ layers }) => Promise.resolve({ milliseconds: 10 * layers, spread: layers === 3 ? 0.5 : 0.1 });
  const comparison = await compareSpeed(toyArchitecture, { ...toyArchitecture, layers: 2 }, noisy);
  expect(comparison).toMatchObject({ speedUp: 1.5, margin: 0.25 });
});

test('doubts about speed come with their reason', () => {
  const smaller = (sizes: Partial<Architecture['sizes']>) => ({
    family: toyFamily,
    architecture: { ...toyArchitecture, sizes: { ...toyArchitecture.sizes, ...sizes } },
  });
  expect(speedDoubts(model, smaller({ heads: 2 }), workload)).toEqual([expect.stringMatching(/key\/value cache/)]);
  expect(speedDoubts(model, smaller({ ffn: 3 }), workload)).toEqual([
    expect.stringMatching(/ffn 3 is no multiple of 4/),
  ]);
  expect(speedDoubts(model, smaller({ ffn: 4, kvHeads: 1, heads: 2 }), workload)).toEqual([]);
});
