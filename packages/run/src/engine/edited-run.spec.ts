// Run folders that were edited by hand, or come from a stranger: gone on with where nothing of it matters, else one error in words that
// names what is wrong; never by way of what lies outside the folder.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, type Bench } from '../testing/bench.js';
import { compress, finished, resume } from './run.js';

let bench: Bench;
let whole: string;
let run: string;
beforeAll(async () => {
  bench = await createBench();
  [whole, run] = [join(bench.folder, 'whole'), join(bench.folder, 'run')];
  const size = { batch: 4, length: 16 };
  const step = { name: 'narrow', target: '70%', importance: { samples: 8, ...size } };
  const steps = [{ ...step, distillation: { tokens: 192, ...size } }];
  await finished(compress({ ...bench.recipe, checkpoints: { everySteps: 1 }, steps }, { folder: whole }));
});
afterAll(() => bench.remove());
beforeEach(async () => {
  await rm(run, { recursive: true, force: true });
  await cp(whole, run, { recursive: true });
});

const trained = 'stages/narrow/distilled/distil';
const states = 'checkpoints/narrow/distilled';
const weightsOf = (folder: string): Promise<string> =>
  readFile(join(folder, trained, 'student/model.safetensors'), 'base64');

/** Puts members into a JSON file; a path leads to the object that they belong to. */
async function put(file: string, members: object, ...path: readonly string[]): Promise<void> {
  const objects = z.record(z.string(), z.unknown());
  const within = (value: unknown, [key, ...rest]: readonly string[]): unknown => {
    const own = objects.parse(value);
    return key === undefined ? { ...own, ...members } : { ...own, [key]: within(own[key], rest) };
  };
  const before: unknown = JSON.parse(await readFile(join(run, file), 'utf8'));
  await writeFile(join(run, file), JSON.stringify(within(before, path)));
}
const fileFor = async (path: string): Promise<void> => {
  await rm(join(run, path), { recursive: true, force: true });
  await writeFile(join(run, path), '');
};
const folderFor = async (path: string): Promise<void> => {
  await rm(join(run, path), { recursive: true, force: true });
  await mkdir(join(run, path));
};
const untrain = (): Promise<void> => rm(join(run, 'stages/narrow/distilled'), { recursive: true });
const newest = async (): Promise<string> => join(states, (await readdir(join(run, states))).toSorted().at(-1) ?? '');

test.each<[string, () => Promise<unknown>]>([
  [
    'began at a time that is yet to come, as where the clock was set back',
    () => put('run.json', { started: '2999-01-01T00:00:00.000Z' }),
  ],
  ['began on no core', () => put('run.json', { cores: -1 })],
  ['has versions of odd names', () => put('run.json', { versions: { constructor: 'x', ['__proto__']: 'y' } })],
  ['has no events', () => rm(join(run, 'events.ndjson'))],
  [
    'has events of anything',
    () =>
      writeFile(
        join(run, 'events.ndjson'),
        'x\n{"type":"metric"}\nnull\n[]\n{"type":"finding","name":"run","data":null}\n',
      ),
  ],
  ['has a summary that is none', () => writeFile(join(run, 'summary.json'), '\0')],
  [
    'has a checkpoint of a step that is yet to come',
    async () => {
      await untrain();
      await put(join(await newest(), 'position.json'), { step: 10 ** 9 });
    },
  ],
  [
    'has a checkpoint that is a file',
    async () => {
      await untrain();
      await fileFor(`${states}/step-999999999`);
    },
  ],
  [
    'has a checkpoint with nothing in it',
    async () => {
      await untrain();
      await folderFor(`${states}/step-999999999`);
    },
  ],
])('a run that %s goes on to the same model', async (_what, edit) => {
  await edit();
  await finished(resume(run));
  expect(await weightsOf(run)).toBe(await weightsOf(whole));
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'whose model is a name on the hub',
    () => put('run.json', { folder: 'owner/name' }, 'model'),
    /at "model.folder": an absolute path was written/,
  ],
  [
    'whose record is a list',
    () => writeFile(join(run, 'run.json'), '[]'),
    /expected object.*Put ".*run.json" back as it was/,
  ],
  ['whose record is of a later format', () => put('run.json', { format: 2 }), /at "format".*Put ".*run.json" back/],
  [
    'with digests of files outside its folder',
    () => put('stages/narrow/score/manifest.json', { outputs: { '../../../text.txt': { bytes: 1, sha256: 'x' } } }),
    /Invalid key in record\. Remove the folder ".*score" and resume/,
  ],
  [
    'whose unit lost its files from the manifest',
    () => put('stages/narrow/calibrate/manifest.json', { outputs: {} }),
    /was made from something else \(statistics:/,
  ],
  ['whose events are a folder', () => folderFor('events.ndjson'), /no regular file. Remove it/],
  ['whose summary is a folder', () => folderFor('summary.json'), /summary.json": it is a folder/],
  ['whose report is a folder', () => folderFor('report.html'), /it is a folder/],
  ['whose units are a file', () => fileFor('stages'), /something is there already|a part of the path is not a folder/],
  ['whose unit is a file', () => fileFor('stages/narrow/score'), /a part of the path is not a folder/],
  [
    'whose checkpoints are a file',
    async () => {
      await untrain();
      await fileFor('checkpoints');
    },
    /checkpoints.*a part of the path is not a folder/,
  ],
])('a run %s is refused in words', async (_what, edit, found) => {
  await edit();
  const attempt = finished(resume(run));
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(found);
});

test('a checkpoint under the name of another step is gone on with from where it says that it stands', async () => {
  await untrain();
  await rename(join(run, await newest()), join(run, states, 'step-999999999'));
  await finished(resume(run));
  expect(await weightsOf(run)).toBe(await weightsOf(whole));
});
