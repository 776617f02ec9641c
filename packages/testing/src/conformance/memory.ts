// Checks that what is done a thousand times and disposed of leaves no memory behind. Resident memory is what native tensors are seen
// in, so the bounds are wide and a leak of one tensor each time is far beyond them.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { add, hostFloats, input, multiply, state } from '@espalier/core/graph';
import { check, type CheckGroup } from './bench.js';

/** 64 KiB of float32: a thousand that are not let go are 62 MiB. */
const ELEMENTS = 16_384;
const TIMES = 1000;
const ROUNDS = 3;
const BOUND = 24 * 2 ** 20;

/** Collects garbage, so that only what is held is counted. */
const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  return typeof gc === 'function' ? () => void Reflect.apply(gc, undefined, []) : () => undefined;
})();

/** Resident memory once what can be collected is gone; buffers are given back a moment later. */
async function resident(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage.rss();
}

/** Throws when memory grows by more than the bound in each of several rounds: pools of a driver breathe, a leak goes on. */
async function doesNotGrow(once: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < TIMES / 4; time++) await once();
  let growth = Infinity;
  for (let round = 0; round < ROUNDS && growth > BOUND; round++) {
    const before = await resident();
    for (let time = 0; time < TIMES; time++) await once();
    growth = Math.min(growth, (await resident()) - before);
  }
  if (growth <= BOUND) return;
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const each = `${TIMES} times of ${(4 * ELEMENTS) / 1024} KiB`;
  throw new Error(
    `memory grew by ${mebibytes(growth)} and more in each ${each}; at most ${mebibytes(BOUND)} is expected`,
  );
}

/** Checks of disposal. */
export const memoryChecks: CheckGroup = {
  title: 'memory',
  checks: [
    check('a thousand runs with inputs, state and outputs leave nothing behind', async (bench) => {
      const [x, s] = [input('x', [ELEMENTS], 'float32'), state('s', [ELEMENTS], 'float32')];
      const executable = await bench.make({ outputs: { y: multiply(x, 2) }, next: { s: add(s, x) } });
      const held = await bench.state({ s: { shape: [ELEMENTS], dtype: 'float32' } });
      const inputs = { x: hostFloats(1, [ELEMENTS]) };
      await doesNotGrow(() => executable.run(inputs, held));
    }),
    check('a thousand states that are disposed of leave nothing behind', async (bench) => {
      const values = { s: hostFloats(1, [ELEMENTS]) };
      await doesNotGrow(async () => {
        const held = await bench.backend.createState({ s: { shape: [ELEMENTS], dtype: 'float32' } }, bench.device);
        await held.write(values);
        await held.dispose();
      });
    }),
  ],
};
