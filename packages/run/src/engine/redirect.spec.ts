// A run that is sent elsewhere while another process works in its folder, or has changed it: nothing of it is touched.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { definePlugin, InputError, strategy, type Plugin } from '@espalier/core';
import { cosine } from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, type Bench } from '../testing/bench.js';
import { compress, finished, resume } from './run.js';

let bench: Bench;
let run: string;
beforeAll(async () => {
  bench = await createBench();
  run = join(bench.folder, 'run');
  const [step] = bench.recipe.steps;
  const distillation = { tokens: 64, batch: 4, length: 16, schedule: 'meddling' };
  const recipe = { ...bench.recipe, steps: [{ ...step, target: '70%', distillation }] };
  await finished(compress(recipe, { folder: run, plugins: [pluginThat(() => undefined)] }));
});
afterAll(() => bench.remove());

/** A plugin that does something while a run is opened: after the lock was looked at, and before it is taken. */
function pluginThat(meddles: () => void): Plugin {
  const create = () => {
    meddles();
    return cosine({ peak: 0.001 });
  };
  const schedule = strategy('schedule', { name: 'meddling', summary: '', options: z.strictObject({}), create });
  return definePlugin({ name: 'meddler', provides: [schedule] });
}

const recorded = (): Promise<readonly string[]> =>
  Promise.all(['run.json', 'recipe.json', 'stages/export/manifest.json'].map((name) => read(name)));
const read = (name: string): Promise<string> => readFile(join(run, name), 'utf8').catch(() => 'none');
const out = () => ({ folder: join(bench.folder, 'elsewhere'), overwrite: false });

test('a process that takes the lock while another opens the run keeps its record as it was', async () => {
  const before = await recorded();
  const lock = join(run, '.lock');
  const other = { pid: 1, host: 'another-machine', born: '1', since: '2026-01-01T00:00:00.000Z' };
  const plugins = [pluginThat(() => writeFileSync(lock, JSON.stringify(other)))];
  await expect(finished(resume(run, { out: out(), plugins }))).rejects.toThrow(/process 1 on another-machine since/);
  expect(await recorded()).toEqual(before);
  await rm(lock);
});

test('a record that another process has changed meanwhile is not written over', async () => {
  const path = join(run, 'run.json');
  const before = readFileSync(path, 'utf8');
  const changed = before.replace('"command": "compress"', '"command": "changed"');
  expect(changed).not.toBe(before);
  const attempt = finished(resume(run, { out: out(), plugins: [pluginThat(() => writeFileSync(path, changed))] }));
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(
    'another process has begun or changed it meanwhile. Run the same command again',
  );
  expect(readFileSync(path, 'utf8')).toBe(changed);
  writeFileSync(path, before);
});

test('the model of a complete run goes elsewhere, and a later resume knows it', async () => {
  const plugins = [pluginThat(() => undefined)];
  expect(await finished(resume(run, { out: out(), plugins }))).toMatchObject({ exported: { folder: out().folder } });
  expect(existsSync(join(out().folder, 'model.safetensors'))).toBe(true);
  expect(await finished(resume(run, { plugins }))).toMatchObject({ exported: { folder: out().folder } });
});
