// The lock on a file system that has no hard links, as FAT and some network ones.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type * as Promises from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockRun } from './lock.js';

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof Promises>()),
  link: () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })),
}));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const path = (): string => join(folder, '.lock');

test('one process takes it, another is refused with its name, and what it leaves is nothing', async () => {
  const lock = await lockRun(folder);
  await lock.check();
  await expect(lockRun(folder)).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
  expect(await readdir(folder)).toEqual(['.lock']);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test('one that a process left behind is taken over', async () => {
  const dead = { pid: 2 ** 22 + 1, host: hostname(), born: '1', since: '2026-01-01T00:00:00.000Z' };
  await writeFile(path(), JSON.stringify(dead));
  const lock = await lockRun(folder);
  expect(JSON.parse(await readFile(path(), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});
