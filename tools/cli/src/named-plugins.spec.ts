// Plugins as the command line takes them: packages and files, from a recipe and by flag; those that fail, while loading or later.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';
import { buildCommand, runProcess, type Ended } from './testing/process.js';

let bench: Bench;
beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
});
afterAll(() => bench.remove());

const at = (...parts: readonly string[]): string => join(bench.folder, ...parts);

const scorerOf = (name: string): string => `
import { definePlugin, strategy } from '@espalier/core';
const score = ({ architecture }) => ({ layers: Array.from({ length: architecture.layers }, (_, layer) => layer) });
export default definePlugin({
  name: '${name}-plugin',
  provides: [strategy('scorer', { name: '${name}', summary: 'layers by number', create: () => ({ observe: () => [], score }) })],
});
`;

/** A package in the folder's node_modules; it says so on stderr when it is loaded. */
async function writePackage(name: string): Promise<void> {
  await mkdir(at('node_modules', name), { recursive: true });
  const manifest = { name, type: 'module', main: 'index.js', peerDependencies: { '@espalier/core': '>=0.0.1' } };
  await writeFile(at('node_modules', name, 'package.json'), JSON.stringify(manifest));
  const said = `process.stderr.write('${name} is loaded\\n');\n`;
  await writeFile(at('node_modules', name, 'index.js'), said + scorerOf(name));
}

/** Runs the command in the folder. */
const inFolder = (...argv: readonly string[]): Promise<Ended> => runProcess(argv, { cwd: bench.folder });

const step = (...scorers: readonly string[]) => ({
  name: 's',
  target: 'layers=1',
  search: 'depth',
  pruner: 'depth',
  importance: { scorers, samples: 4, batch: 4, length: 16 },
});

async function writeRecipe(name: string, more: object): Promise<string> {
  await writeFile(at(name), JSON.stringify({ model: bench.model, data: bench.text, ...more }));
  return at(name);
}

test('packages and files are taken by --plugin and by a recipe, and nothing is loaded that was not named', async () => {
  await writePackage('by-name');
  await writePackage('bystander');
  await writeFile(at('by-path.ts'), scorerOf('by-path'));
  const listed = await inFolder('plugins', '--kind', 'scorer', '--plugin', 'by-name', '--plugin', './by-path.ts');
  expect(listed.stdout).toMatch(/by-path .*\[by-path-plugin\]/);
  expect(listed.stdout).toMatch(/by-name .*\[by-name-plugin\]/);
  expect(listed).toMatchObject({ code: 0, stderr: 'by-name is loaded\n' });
  for (const scorer of ['by-name', 'by-path']) {
    const plugins = ['by-name', './by-path.ts'];
    const planned = await inFolder(
      'plan',
      '--trust',
      '--no-time',
      '--recipe',
      await writeRecipe('plan.json', { plugins, steps: [step(scorer)] }),
    );
    expect(planned).toMatchObject({ code: 0, stderr: 'by-name is loaded\n' });
  }
});

test('a strategy that two plugins bring is refused with both, before anything is written', async () => {
  await writeFile(at('one.ts'), scorerOf('twice'));
  await writeFile(at('two.ts'), scorerOf('twice').replace('twice-plugin', 'other-plugin'));
  const both = ['--plugin', at('one.ts'), '--plugin', at('two.ts')];
  const { code, stderr } = await runProcess(['plugins', ...both]);
  expect(code).toBe(2);
  expect(stderr).toContain('scorer "twice" is provided by both twice-plugin and other-plugin');
});

test('one that throws while loading is told of with path and cause, and the run does not begin', async () => {
  await writeFile(at('good.ts'), scorerOf('good'));
  await writeFile(at('bad.ts'), `throw new Error('no licence found');`);
  const before = await readdir(bench.folder);
  const named = ['--plugin', at('good.ts'), '--plugin', at('bad.ts'), '--run', at('run')];
  const asked = ['--model', bench.model, '--data', bench.text, '--target', '50%', '--out', at('out')];
  const { code, stderr } = await runProcess(['compress', ...asked, ...named]);
  expect(code).toBe(2);
  expect(stderr).toContain(`${at('bad.ts')} failed: no licence found`);
  expect(await readdir(bench.folder)).toEqual(before);
});

const listener = `
import { definePlugin, strategy } from '@espalier/core';
import { concatMap } from 'rxjs';
const awaits = strategy('subscriber', {
  name: 'dashboard',
  summary: '',
  create: () => ({
    listen: (events) =>
      events.pipe(
        concatMap(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          throw new Error('503 from the dashboard');
        }),
      ),
  }),
});
export default definePlugin({ name: 'dashboards', provides: [awaits] });
`;

test('a subscriber whose async function rejects is told of once, and the run goes on to its end', async () => {
  await writeFile(at('dashboard.ts'), listener);
  const given = { plugins: ['./dashboard.ts'], subscribers: ['dashboard'], steps: [step('block-influence')] };
  const { code, stderr } = await runProcess([
    'score',
    '--trust',
    at('scored'),
    '--recipe',
    await writeRecipe('heard.json', given),
  ]);
  expect(code, stderr).toBe(0);
  const told = 'subscriber "dashboard" of dashboards failed and is told no more: 503 from the dashboard';
  expect(stderr.split(told)).toHaveLength(2);
  expect(await readdir(at('scored', 'stages', 's', 'score'))).toContain('scores.json');
});

test('a plugin that was corrected is loaded by the same process', async () => {
  await writeFile(at('mended.ts'), `throw new Error('not yet');`);
  expect(await runCaptured('plugins', '--plugin', at('mended.ts'))).toMatchObject({ code: 2 });
  await writeFile(at('mended.ts'), `export default { name: 'mended', provides: [] };`);
  expect(await runCaptured('plugins', '--plugin', at('mended.ts'))).toMatchObject({ code: 0 });
});
