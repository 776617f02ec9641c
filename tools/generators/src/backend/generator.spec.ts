// A new backend is the one of docs/5.add-a-backend.md under its own name: it works, and belongs to the workspace.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tree } from '@nx/devkit';
import { createTree } from '@nx/devkit/testing';
import type { Plugin } from '@espalier/core';
import type { Backend } from '@espalier/core/graph';
import { describeBackend } from '@espalier/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import generate from './generator.js';

const root = path.resolve(import.meta.dirname, '../../../..');
const needed = [
  'package.json', 'tsconfig.json', 'packages/core/package.json', 'packages/backend-ort/package.json',
  'packages/backend-ort/tsconfig.json', 'packages/backend-ort/tsconfig.lib.json', 'examples/toy-backend.ts',
]; // prettier-ignore
const source = 'packages/backend-my-device/src/my-device-backend.ts';
let tree: Tree;
let folder: string;

beforeAll(async () => {
  tree = createTree();
  for (const file of needed) tree.write(file, await readFile(path.join(root, file), 'utf8'));
  await generate(tree, { name: 'my-device' });
  // Below the repository, so that packages are found; in a folder that nothing else looks at.
  await mkdir(path.join(root, 'tools/generators/dist'), { recursive: true });
  folder = await mkdtemp(path.join(root, 'tools/generators/dist/generated-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('it belongs to the workspace and is built with it', () => {
  expect(JSON.parse(tree.read('package.json', 'utf8') ?? '')).toMatchObject({
    workspaces: expect.arrayContaining(['packages/core', 'packages/backend-my-device']) as unknown,
  });
  expect(tree.read('tsconfig.json', 'utf8')).toContain('./packages/backend-my-device/tsconfig.lib.json');
  expect(tree.read('packages/backend-my-device/src/conformance.spec.ts', 'utf8')).toMatch(
    /describeBackend\(.my-device., myDeviceBackend,/,
  );
});

/** The generated program at work. */
async function load(): Promise<{ readonly default: Plugin; myDeviceBackend(): Backend }> {
  const file = path.join(folder, 'my-device-backend.ts');
  await writeFile(file, tree.read(source, 'utf8') ?? '');
  return import(file) as ReturnType<typeof load>;
}

test('it goes by its own name and by no other', async () => {
  expect(tree.read(source, 'utf8')).not.toMatch(/toy/i);
  const { default: plugin } = await load();
  expect(plugin.name).toBe('@espalier/backend-my-device');
  expect(plugin.provides.map(({ name }) => name)).toEqual(['my-device']);
});

// That all of the suite passes is tested where the toy is.
const groups = ['runs', 'compiling', 'refusals', 'state on the device', 'next values of state'];
describeBackend('generated', async () => (await load()).myDeviceBackend(), {
  only: ({ title }) => groups.includes(title),
});

test('a name that is taken or not kebab-case is refused', async () => {
  await expect(generate(tree, { name: 'ort' })).rejects.toThrow('packages/backend-ort is there already');
  await expect(generate(tree, { name: 'MyDevice' })).rejects.toThrow('kebab-case');
});
