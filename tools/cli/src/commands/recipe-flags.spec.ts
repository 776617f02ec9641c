// Flags beside a recipe: what they say holds, and nothing else of the recipe changes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recipeOf } from './compress.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-flags-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function read(backend: string, flags: Readonly<Record<string, unknown>>) {
  const file = join(folder, 'recipe.yaml');
  await writeFile(file, `model: m\ndata: d\nbackend: ${backend}\nsteps: [{ target: 50% }]\n`);
  return recipeOf({ ...flags, recipe: file }, ['recipe', ...Object.keys(flags)], file, true);
}

test.each([
  ['tfjs:wasm', { threads: 1 }, { name: 'tfjs', device: 'wasm', threads: 1 }],
  ['ort:webgpu', { threads: 1 }, { name: 'ort', device: 'webgpu', threads: 1 }],
  ['{ name: ort, threads: 4 }', { threads: 1 }, { name: 'ort', threads: 1 }],
  ['tfjs:wasm', { backend: 'ort:webgpu', threads: 2 }, { name: 'ort', device: 'webgpu', threads: 2 }],
  ['tfjs:wasm', { threads: 2, backend: 'ort:webgpu' }, { name: 'ort', device: 'webgpu', threads: 2 }],
  ['tfjs:wasm', {}, { name: 'tfjs', device: 'wasm' }],
])('with the backend %s, the flags %j give %j', async (backend, flags, expected) => {
  expect((await read(backend, flags)).recipe.backend).toEqual(expected);
});

test('threads stay where a variable names the backend: it is not written in their place', async () => {
  vi.stubEnv('BACKEND_HERE', 'ort:cpu');
  const named = await read('${env:BACKEND_HERE}', {});
  expect(named.references.map(({ path }) => path)).toEqual([['backend']]);
  const { recipe, references } = await read('${env:BACKEND_HERE}', { threads: 3 });
  expect(recipe.backend).toEqual({ name: 'ort', device: 'cpu', threads: 3 });
  expect(references).toEqual([]);
});
