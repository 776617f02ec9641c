// Disks that fail, once or for good, at some read, write, sync or look at a file, as broken ones and those of a network do: one error in
// words, and the run goes on to the same bytes. ESPALIER_DISKS=20 tries as many places of each kind, SEED others.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, InputError, random } from '@espalier/core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createBench, type Bench } from '../testing/bench.js';
import { calls, mendDisk, watchDisk, type Call, type Code } from '../testing/failing-disk.js';
import { compress, finished, resume } from './run.js';

vi.mock('node:fs/promises', async (real) => (await import('../testing/failing-disk.js')).failingPromises(await real()));
vi.mock('node:fs', async (real) => (await import('../testing/failing-disk.js')).failingFiles(await real()));

const PLACES = Number(process.env['ESPALIER_DISKS'] ?? 1);
const stream = random(Number(process.env['SEED'] ?? 1));
const words: Readonly<Record<Code, RegExp>> = {
  EIO: /the disk reported an error/,
  ESTALE: /the network disk lost it/,
  ENOTCONN: /the disk is no longer connected/,
  ETIMEDOUT: /there was no answer in time/,
};
const codes = Object.keys(words) as readonly Code[];

let bench: Bench;
let disk: string;
let asked: ReadonlyMap<Call, number>;
let whole: string;
const begin = () => {
  const size = { batch: 4, length: 16 };
  const step = { target: '70%', importance: { samples: 8, ...size }, distillation: { tokens: 192, ...size } };
  const recipe = { ...bench.recipe, checkpoints: { everySteps: 1 }, steps: [step] };
  const out = { ...recipe, backend: { name: 'ort', threads: 1 }, export: { folder: join(disk, 'out') } };
  return finished(compress(out, { folder: join(disk, 'run') }));
};
const weights = (): Promise<string> => readFile(join(disk, 'out', 'model.safetensors'), 'base64');

beforeAll(async () => {
  bench = await createBench();
  disk = join(bench.folder, 'disk');
  const seen = watchDisk(disk);
  await begin();
  asked = new Map(seen.asked);
  mendDisk();
  whole = await weights();
});
afterAll(() => bench.remove());

test('everything that is asked of a disk is asked in a run', () => {
  expect([...asked.keys()].toSorted()).toEqual([...calls].toSorted());
});

const faults = Array.from({ length: PLACES }, () => calls)
  .flat()
  .map((call, index) => {
    const code = codes[stream.integer(codes.length)];
    if (code === undefined) throw new Error('there is no such code');
    return { call, code, gone: index % 2 === 0, percent: stream.integer(100) };
  });

test.each(faults)(
  '$code at a $call (for good: $gone), after $percent % of them',
  async ({ call, code, gone, percent }) => {
    const nth = Math.floor((percent / 100) * (asked.get(call) ?? NaN));
    await rm(disk, { recursive: true, force: true });
    const state = watchDisk(disk, { call, nth, code, gone });
    const outcome = await begin().catch((error: unknown) => error);
    mendDisk();
    expect(state.failed).toBeDefined();
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(InputError);
      expect(outcome.message).toMatch(words[code]);
      expect(outcome.message).toMatch(/Check the disk|try again/);
      expect(outcome.message).not.toMatch(/injected|Unknown system|internal/);
    } else {
      // What may fail without harm: closing what was only read, removing what is of no use any more.
      expect(call).toMatch(/close|remove|list|stat/);
    }
    // A disk that is gone keeps the lock of its process, which ends.
    if (gone) await rm(join(disk, 'run', '.lock'), { force: true });
    const begun = await exists(join(disk, 'run', 'run.json'));
    if (!begun) await rm(disk, { recursive: true, force: true });
    await (begun ? finished(resume(join(disk, 'run'))) : begin());
    expect(await weights()).toBe(whole);
  },
);
