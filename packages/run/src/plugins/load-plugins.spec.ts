// Plugins from files and packages in a folder of their own.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPlugins } from './load-plugins.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'espalier-plugins-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
}
const manifest = (more: object): string => JSON.stringify({ name: 'espalier-plugin-a', type: 'module', ...more });
const pluginText = `export default { name: 'espalier-plugin-a', provides: [] };`;

const scorerText = `
import { definePlugin, strategy, type Architecture } from '@espalier/core';
const count = ({ layers }: Architecture): number[] => Array.from({ length: layers }, (_, layer) => layer);
export default definePlugin({
  name: 'deep-first',
  provides: [strategy('scorer', { name: 'deep-first', summary: 'later layers matter more', create: () => ({ observe: () => [], score: () => ({ layers: [1] }) }) })],
});
export { count };`;

test('a TypeScript file beside the recipe is loaded as it is', async () => {
  await write('my-scorer.ts', scorerText);
  const [plugin] = await loadPlugins(['./my-scorer.ts', './my-scorer.ts'], folder);
  expect(plugin?.name).toBe('deep-first');
  expect(plugin?.provides.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['scorer deep-first']);
});

const classText = `
import 'reflect-metadata';
import { definePlugin, runTokens, strategy, type Logger } from '@espalier/core';
import { inject, injectable } from 'tsyringe';
@injectable()
class Told {
  readonly name = 'told';
  readonly summary = '';
  constructor(@inject(runTokens.logger) private readonly logger: Logger) {}
  observe() { this.logger.info('seen'); return []; }
  score() { return {}; }
}
export default definePlugin({ name: 'told', provides: [strategy('scorer', { name: 'told', summary: '', use: Told })] });`;

test('a class with injected parameters is loaded from TypeScript too', async () => {
  await write('told.ts', classText);
  const [plugin] = await loadPlugins(['./told.ts'], folder);
  expect(plugin?.provides).toHaveLength(1);
});

test('a package is found from the folder of the recipe, whatever its exports are called', async () => {
  const exports = { '.': { import: './lib/index.js' } };
  await write(
    'node_modules/espalier-plugin-a/package.json',
    manifest({ exports, peerDependencies: { '@espalier/core': '>=0.0.1' } }),
  );
  await write('node_modules/espalier-plugin-a/lib/index.js', pluginText);
  expect(await loadPlugins(['espalier-plugin-a'], folder)).toEqual([{ name: 'espalier-plugin-a', provides: [] }]);
});

const strategyCalled = (name: string): string => `
import { strategy } from '@espalier/core';
export default { name: 'x', provides: [strategy('evaluator', { name: '${name}', summary: '', create: () => ({}) })] };`;

const packaged =
  (more: object, text = pluginText) =>
  async (): Promise<string> => {
    await write('node_modules/espalier-plugin-a/package.json', manifest({ main: 'index.js', ...more }));
    await write('node_modules/espalier-plugin-a/index.js', text);
    return 'espalier-plugin-a';
  };
const file = (text: string) => async (): Promise<string> => {
  await write('bad.ts', text);
  return './bad.ts';
};

test.each<[string, () => Promise<string>, RegExp]>([
  [
    'a package that is not there',
    () => Promise.resolve('espalier-plugin-none'),
    /no package of that name.*npm install espalier-plugin-none/,
  ],
  ['a file that is not there', () => Promise.resolve('./none.ts'), /there is no file .*none\.ts/],
  [
    'a package for another version',
    packaged({ peerDependencies: { '@espalier/core': '^99.0.0' } }),
    /made for @espalier\/core \^99\.0\.0, this is \d/,
  ],
  ['a package that names no version', packaged({}), /does not say for which version/],
  [
    'a package whose manifest is damaged',
    async () => {
      const name = await packaged({ peerDependencies: { '@espalier/core': '*' } })();
      await write('node_modules/espalier-plugin-a/lib/package.json', '{"name": 7}');
      await write('node_modules/espalier-plugin-a/lib/index.js', pluginText);
      return `${name}/lib/index.js`;
    },
    /lib\/package\.json is damaged\. Install it again/,
  ],
  ['a strategy of a name that is no place in a record', file(strategyCalled('__proto__')), /exports no plugin/],
  ['a module without a default export', file('export const a = 1;'), /bad\.ts has no default export/],
  [
    'a default export that is no plugin',
    file('export default { name: "x", provides: [{ kind: "scorrer" }] };'),
    /exports no plugin \(provides\.0: not made by strategy/,
  ],
  ['a module that throws', file('throw new Error("no GPU here");'), /bad\.ts failed: no GPU here/],
  ['a module with a syntax error', file('export default {'), /bad\.ts failed/],
])('refuses %s', async (_what, make, message) => {
  const attempt = loadPlugins([await make()], folder);
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(message);
});

test('the cause of a failure is kept', async () => {
  const name = await file('throw new RangeError("deep");')();
  await expect(loadPlugins([name], folder)).rejects.toMatchObject({ cause: { name: 'RangeError', message: 'deep' } });
});

test('two plugins of one name are refused with both places', async () => {
  await write('one.ts', scorerText);
  await write('two.ts', scorerText);
  await expect(loadPlugins(['./one.ts', './two.ts'], folder)).rejects.toThrow(
    'it is called "deep-first", and so is ./one.ts. Leave one of them out',
  );
});
