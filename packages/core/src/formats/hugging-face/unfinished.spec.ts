// What an interrupted save leaves beside a folder: removed by the next one there, and only where nobody can be at work on it.
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeUnfinished, unfinishedPath } from './unfinished.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-unfinished-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process that has ended. */
const dead = spawnSync(process.execPath, ['--version']).pid;

async function left(name: string, hoursAgo = 2): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeFile(join(path, 'model.safetensors'), 'half');
  const then = new Date(Date.now() - hoursAgo * 3_600_000);
  await utimes(join(path, 'model.safetensors'), then, then);
  await utimes(path, then, then);
  return name;
}

const nameOf = (target: string, pid: number): string =>
  basename(unfinishedPath(join(folder, target))).replace(`-${process.pid}-`, `-${pid}-`);

test('the folder of a process that is gone is removed, and no other', async () => {
  const kept = [
    await left(nameOf('model', process.pid)), // at work
    await left(nameOf('model', dead), 0.5), // perhaps in another container
    await left(nameOf('model', dead).replace(/tmp-.{8}/, 'tmp-00000000')), // of another machine
    await left(nameOf('model-2', dead)), // of another place
    await left('.model.tmp-mine'), // somebody else's
    await left(nameOf('model', dead).replace(/.$/, 'z')),
    await left('model'),
  ];
  await left(nameOf('model', dead));
  await removeUnfinished(join(folder, 'model'));
  expect((await readdir(folder)).toSorted()).toEqual(kept.toSorted());
});

test('a folder that is not there, or cannot be read, is no error', async () => {
  await removeUnfinished(join(folder, 'nowhere', 'model'));
});
