// Trials on disk: what was kept is found again by a search that begins anew, and by no other.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptTrial } from '@espalier/core';
import { hostFloats } from '@espalier/core/graph';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderTrials } from './trial-store.js';

let folder: string;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trials-'));
});
afterAll(async () => {
  for (const close of closers) await close();
  await rm(folder, { recursive: true });
});

const store = (inputs: string, warnings: string[] = []) =>
  folderTrials(folder, {
    inputs,
    warn: (message) => warnings.push(message),
    keepOpen: (close) => void closers.push(close),
  });

function trial(step: number, rungs: KeptTrial['rungs']): KeptTrial {
  const read = () => Promise.resolve(hostFloats([step, 0.5], [2]));
  const tensors = { w: { shape: [2], dtype: 'float32' as const } };
  return { checkpoint: { step, batches: step, losses: [2, 1], tensors, read }, rungs };
}

test('the newest trial of a key is found again, with the losses of all its rungs', async () => {
  await store('one').save('3l-8h', trial(10, [[1.5, 1.25]]));
  await store('one').save('3l-8h', trial(20, [[1.5, 1.25], [1]])); // prettier-ignore
  const found = await store('one').load('3l-8h');
  expect(found?.rungs).toEqual([[1.5, 1.25], [1]]); // prettier-ignore
  expect(found?.checkpoint).toMatchObject({ step: 20, batches: 20, losses: [2, 1] });
  expect((await found?.checkpoint.read('w'))?.data).toEqual(Float32Array.of(20, 0.5));
});

test('another candidate and another search begin anew', async () => {
  await store('one').save('2l-8h', trial(10, [[1]]));
  expect(await store('one').load('2l-4h')).toBeUndefined();
  expect(await store('two').load('2l-8h')).toBeUndefined();
});

test('a damaged trial is told of and made again', async () => {
  await store('one').save('1l-8h', trial(10, [[1]]));
  const [name = ''] = (await readdir(join(folder, '1l-8h'))).filter((own) => own.startsWith('step-'));
  await rm(join(folder, '1l-8h', name, 'state.safetensors'));
  const warnings: string[] = [];
  expect(await store('one', warnings).load('1l-8h')).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining('state.safetensors')]);
});
