// Standard input as a text: written under the run's lock, and gone again where no run comes of it.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { lockOwner, lockRun, parseRecipe, recordNames } from '@espalier/run';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withStdinFile } from './stdin.js';

const recipe = parseRecipe({ model: 'tinytales', data: '-', steps: [{ target: '50%' }] }, 'of the test');
const place = { replace: false };
let folder: string;
let run: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-stdin-'));
  run = join(folder, 'runs', 'mine');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('nobody else can work in the folder from before the text is read until the work is done', async () => {
  const input = new PassThrough();
  const locked: (number | undefined)[] = [];
  const done = withStdinFile(recipe, { ...place, run, input }, async (own) => {
    locked.push((await lockOwner(run))?.pid);
    expect(await readFile(own?.stdin ?? '', 'utf8')).toBe('one two');
  });
  input.write('one ');
  await vi.waitFor(() => expect(existsSync(join(run, recordNames.stdin))).toBe(true));
  await expect(lockRun(run)).rejects.toThrow(/works in it/);
  input.end('two');
  await done;
  expect(locked).toEqual([process.pid]);
  expect(await lockOwner(run)).toBeUndefined();
});

test('the text of a run that another process works on is not touched', async () => {
  await mkdir(run, { recursive: true });
  const lock = await lockRun(run);
  await writeFile(join(run, recordNames.stdin), 'theirs');
  const input = Readable.from([Buffer.from('ours')]);
  await expect(withStdinFile(recipe, { ...place, run, input }, () => Promise.resolve())).rejects.toThrow(/works in it/);
  expect(await readFile(join(run, recordNames.stdin), 'utf8')).toBe('theirs');
  await lock.check();
});

test('where no run comes of it, nothing stays', async () => {
  const input = Readable.from([Buffer.from('text')]);
  const failed = withStdinFile(recipe, { ...place, run, input }, () => Promise.reject(new Error('refused')));
  await expect(failed).rejects.toThrow('refused');
  expect(await readdir(folder)).toEqual([]);
});
