// Locks as other machines, other clocks and other hands leave them. Those of processes of this machine: run-folder.spec.ts.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkNotLocked, lockOwner, lockRun } from './lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lock = (): string => join(folder, '.lock');
const past = '2026-01-01T00:00:00.000Z';
const future = '2999-01-01T00:00:00.000Z';
/** No process of this machine has such a number. */
const gone = 2 ** 22 + 1;
const elsewhere = { pid: gone, host: `not-${hostname()}`, born: '1', since: past };

describe('the lock of another machine', () => {
  test('is respected, whatever runs here, names its process, and says what to do where that machine is gone', async () => {
    await writeFile(lock(), JSON.stringify(elsewhere));
    for (const attempt of [() => lockRun(folder), () => checkNotLocked(folder)]) {
      await expect(attempt()).rejects.toThrow(InputError);
      await expect(attempt()).rejects.toThrow(
        `process ${gone} on not-${hostname()} since ${past} works in it. Wait for it, or stop it;`,
      );
      await expect(attempt()).rejects.toThrow('If that machine is gone, remove .lock in the folder');
    }
    expect(await lockOwner(folder)).toEqual(elsewhere);
    expect(JSON.parse(await readFile(lock(), 'utf8'))).toEqual(elsewhere);
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  test('that takes the folder while a process here works in it is noticed before anything is written, and is left in place', async () => {
    const own = await lockRun(folder);
    await writeFile(lock(), JSON.stringify(elsewhere));
    await expect(own.check()).rejects.toThrow(`process ${gone} on not-${hostname()}`);
    await own.release();
    expect(JSON.parse(await readFile(lock(), 'utf8'))).toEqual(elsewhere);
  });

  test('with a name like a pattern, or in other letters, is not this machine', async () => {
    for (const host of ['.*', hostname().toUpperCase() + hostname(), '', `${hostname()} `]) {
      await writeFile(lock(), JSON.stringify({ ...elsewhere, host }));
      await expect(lockRun(folder)).rejects.toThrow(/works in it/);
    }
  });
});

test.each([
  ['of a process that is gone is taken over, also where it was taken at a time that is yet to come', future],
  ['of a process that is gone is taken over, whatever it says of the time', 'yesterday'],
])('a lock %s', async (_what, since) => {
  await writeFile(lock(), JSON.stringify({ pid: gone, host: hostname(), born: '1', since }));
  expect(await lockOwner(folder)).toBeUndefined();
  const own = await lockRun(folder);
  await own.check();
  await own.release();
  expect(await readdir(folder)).toEqual([]);
});

test('a lock of a process that runs holds where the clock was set back since', async () => {
  const own = await lockRun(folder);
  const owner = await lockOwner(folder);
  await writeFile(lock(), JSON.stringify({ ...owner, since: future }));
  await expect(lockRun(folder)).rejects.toThrow(`process ${process.pid} on ${hostname()} since ${future}`);
  await own.release();
});

test.each([
  ['empty', ''],
  ['torn', '{"pid":1,"ho'],
  ['of other entries', '{"pid":1}'],
  ['of a number that is none', JSON.stringify({ ...elsewhere, pid: 'one' })],
  ['of no UTF-8', Buffer.from([0xff, 0xfe])],
])('a lock edited by hand that is %s names nobody, and is taken over', async (_what, text) => {
  await writeFile(lock(), text);
  await checkNotLocked(folder);
  const own = await lockRun(folder);
  await own.check();
  await own.release();
});

test.each([0, -1, 2 ** 31, 2 ** 53 - 1, -(2 ** 31)])(
  'a lock of process %d, which there cannot be, is taken over',
  async (pid) => {
    // A group of processes has no birth, as no process has on other systems than Linux.
    await writeFile(lock(), JSON.stringify({ pid, host: hostname(), born: '', since: past }));
    const own = await lockRun(folder);
    await own.release();
  },
);

test('a folder in place of the lock is refused', async () => {
  await mkdir(lock());
  await expect(lockRun(folder)).rejects.toThrow(/is a folder/);
});
