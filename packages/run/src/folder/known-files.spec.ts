import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOnce } from './known-files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-known-'));
});
afterAll(() => rm(folder, { recursive: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const later = () => Date.now() + 3000;

test('a file that nothing was written to keeps its digest without being read', async () => {
  const path = join(folder, 'a');
  await writeFile(path, 'one');
  const { known } = await digestOnce(path, { now: later });
  expect(known).toMatchObject({ bytes: 3, sha256: sha256('one') });
  const marked = known && { ...known, sha256: 'not read' };
  const seen = (): void => expect.unreachable('nothing is read');
  expect(await digestOnce(path, { before: marked, seen })).toEqual({ bytes: 3, sha256: 'not read', known: marked });
});

test('another content of the same size is noticed, also where the time of writing was put back', async () => {
  const path = join(folder, 'b');
  await writeFile(path, 'one');
  const { known } = await digestOnce(path, { now: later });
  const { atime, mtime } = await stat(path);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await writeFile(path, 'two');
  await utimes(path, atime, mtime);
  expect((await digestOnce(path, { before: known })).sha256).toBe(sha256('two'));
});

test('of a file that was written to just before, nothing is kept', async () => {
  const path = join(folder, 'c');
  await writeFile(path, 'one');
  expect(await digestOnce(path)).toEqual({ bytes: 3, sha256: sha256('one') });
});

test('a file that cannot be read is refused in words', async () => {
  await expect(digestOnce(join(folder, 'none'))).rejects.toThrow('there is no such file');
});
