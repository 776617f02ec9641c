// Checkpoints on disk: the newest sound one comes back bit for bit; the newest and the best are kept.
import { mkdir, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostFloats } from '@espalier/core/graph';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkpointNames, openNewestCheckpoint, saveCheckpoint, type StoredTraining } from './checkpoints.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-checkpoints-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

// Values that no decimal rounding gives back: a subnormal, the nearest to 1/3, −0.
const values = Float32Array.of(1e-45, 1 / 3, -0, 3.4028234e38);
const at = (step: number, loss = 1): StoredTraining => ({
  step,
  batches: 2 * step,
  losses: Array.from({ length: step }, () => loss),
  tensors: { 'student/w': { shape: [2, 2], dtype: 'float32' }, 'moment1/student/w': { shape: [1], dtype: 'float32' } },
  read: (name) => Promise.resolve(name === 'student/w' ? hostFloats(values, [2, 2]) : hostFloats(step, [1])),
});
const options = { keep: 2, inputs: { model: 'a' } };
const noWarning = (message: string): void => {
  throw new Error(message);
};

test('what was saved comes back bit for bit', async () => {
  await saveCheckpoint(folder, at(3), options);
  const found = await openNewestCheckpoint(folder, options.inputs, noWarning);
  expect(found?.training).toMatchObject({ step: 3, batches: 6, losses: [1, 1, 1], tensors: at(3).tensors });
  const tensor = await found?.training.read('student/w');
  expect(new Uint8Array((tensor?.data ?? new Float32Array()).buffer)).toEqual(new Uint8Array(values.buffer));
  expect((await found?.training.read('moment1/student/w'))?.data).toEqual(Float32Array.of(3));
  await found?.close();
});

test('the newest two and the one of least loss are kept; leftovers of a crash go', async () => {
  await mkdir(join(folder, '.crashed.tmp'));
  for (const [step, loss] of [
    [1, 3],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 2],
  ] as const)
    await saveCheckpoint(folder, at(step, loss), options);
  expect(await checkpointNames(folder)).toEqual(['step-000000002', 'step-000000004', 'step-000000005']);
});

test('a checkpoint whose removal was broken off is not read, and goes at the next save', async () => {
  await saveCheckpoint(folder, at(1), options);
  await saveCheckpoint(folder, at(2), options);
  for (const name of ['position.json', 'manifest.json']) await rm(join(folder, 'step-000000002', name));
  const found = await openNewestCheckpoint(folder, options.inputs, noWarning);
  expect(found?.training.step).toBe(1);
  await found?.close();
  await saveCheckpoint(folder, at(2, 5), options);
  await rm(join(folder, 'step-000000001', 'position.json'));
  await saveCheckpoint(folder, at(3), options);
  expect(await checkpointNames(folder)).toEqual(['step-000000002', 'step-000000003']);
});

test('a damaged checkpoint is passed over with a warning, one of another training without', async () => {
  await saveCheckpoint(folder, at(1), options);
  await saveCheckpoint(folder, at(2), options);
  await saveCheckpoint(folder, at(3), { ...options, inputs: { model: 'b' } });
  await truncate(join(folder, 'step-000000002', 'state.safetensors'), 20);
  const warnings: string[] = [];
  const found = await openNewestCheckpoint(folder, options.inputs, (message) => warnings.push(message));
  expect(found?.training.step).toBe(1);
  expect(warnings).toEqual([expect.stringMatching(/not used: .*step-000000002.*has 20 bytes/)]);
  await found?.close();
});

test('a save that fails leaves the earlier checkpoint and nothing else', async () => {
  await saveCheckpoint(folder, at(1), options);
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const failing = { ...at(2), read: () => Promise.reject(full) };
  await expect(saveCheckpoint(folder, failing, options)).rejects.toThrow('the disk is full');
  expect(await checkpointNames(folder)).toEqual(['step-000000001']);
});

test('where nothing was saved, nothing is found', async () => {
  expect(await openNewestCheckpoint(join(folder, 'none'), options.inputs, noWarning)).toBeUndefined();
});
