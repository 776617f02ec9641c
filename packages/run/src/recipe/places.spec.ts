// Places of a run that cannot be, refused by their names alone; and folders that cannot be written to.
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkModelPlace, checkPlaces, checkWritable, realPlace } from './places.js';

const at = (path: string): string => resolve('/work', path);

test.each<[string, Parameters<typeof checkPlaces>[0], RegExp]>([
  [
    'the model goes to the run folder itself',
    { run: at('a'), out: at('a') },
    /write the model to ".*a": that is the folder of the run/,
  ],
  ['the model goes into the run', { run: at('a'), out: at('a/model') }, /the folder of the run would hold the model/],
  ['the run goes into the model', { run: at('out/run'), out: at('out') }, /the folder of the model would hold the run/],
  [
    'the new model replaces its own',
    { run: at('r'), out: at('m'), model: at('m') },
    /that is the folder of the model that it is made from/,
  ],
  ['the new model goes into its own', { run: at('r'), out: at('m/small'), model: at('m') }, /would hold the new model/],
  [
    'the new model holds its own',
    { run: at('r'), out: at('m'), model: at('m/large') },
    /would hold the model that it is made from/,
  ],
  [
    'the run holds its model, which a new run would remove',
    { run: at('r'), model: at('r/stages/x/student') },
    /write the run to/,
  ],
  [
    'the run goes into its model',
    { run: at('m/run'), model: at('m') },
    /the folder of the model that it is made from would hold the run/,
  ],
  ['the run is its model', { run: at('m'), model: at('m') }, /that is the folder of the model that it is made from/],
])('%s', (_what, places, found) => {
  expect(() => checkPlaces(places)).toThrow(found);
});

test('folders beside each other, and names that only begin alike, are fine', () => {
  checkPlaces({ run: at('runs/a'), out: at('runs/a-model'), model: at('runs/b') });
  checkPlaces({ run: at('a'), out: at('..a'), model: at('m') });
});

let folder: string;
beforeEach(async () => {
  folder = realpathSync(await mkdtemp(join(tmpdir(), 'espalier-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.skipIf(process.platform === 'win32')('a link to the run folder is the run folder', async () => {
  await mkdir(join(folder, 'run'));
  await symlink('run', join(folder, 'link'));
  expect(await realPlace(join(folder, 'link', 'deeper', 'model'))).toBe(join(folder, 'run', 'deeper', 'model'));
});

test('a folder that can be made is fine and is not made; one below a file is refused', async () => {
  await writeFile(join(folder, 'file'), '');
  await checkWritable(join(folder, 'a', 'b'), 'a run');
  await expect(checkWritable(join(folder, 'file', 'run'), 'a run')).rejects.toThrow(/file" is no folder/);
  await expect(checkWritable(join(folder, 'file'), 'a run')).rejects.toThrow(/is no folder/);
});

test.skipIf(process.platform !== 'linux')(
  'one that the system does not let be written to is refused in words',
  async () => {
    const name = 'x'.repeat(300);
    await expect(checkWritable(join(folder, name), 'a run')).rejects.toThrow(/the name is too long/);
  },
);

test('a folder that was tried holds nothing of it', async () => {
  await checkWritable(folder, 'a run');
  await checkModelPlace(join(folder, 'model'));
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'where the system says that it can be written to and lets nobody write, writing it tells',
  async () => {
    const found = { parts: { found: 'the system lets nothing be made in "/proc"' } };
    await expect(checkWritable('/proc/run', 'a run')).rejects.toMatchObject(found);
    await expect(checkModelPlace('/proc/model')).rejects.toMatchObject(found);
  },
);

test.skipIf(process.platform !== 'linux')('a model cannot replace the folder in which a disk begins', async () => {
  await expect(checkModelPlace('/dev/shm')).rejects.toThrow(/where a disk begins.*Give a folder within/);
});
