// Plugin files that a recipe names are code that somebody else may have put there: what loads them, and what does not.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPlugins } from './load-plugins.js';
import { trustStore, type PluginTrust } from './trust.js';

let folder: string;
let store: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'espalier-trust-')));
  store = join(folder, 'settings', 'trusted.json');
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const mark = (): unknown => Reflect.get(globalThis, 'espalierLoaded');
const text = (name: string): string => `
import { value } from './helper.js';
globalThis.espalierLoaded = '${name}' + value;
export default { name: '${name}', provides: [] };`;
async function write(name: string): Promise<void> {
  Reflect.deleteProperty(globalThis, 'espalierLoaded');
  await writeFile(at(name), text(name));
  await writeFile(at('helper.js'), 'export const value = 1;');
}
const load = (names: readonly string[], given: Partial<PluginTrust> = {}): Promise<unknown> =>
  loadPlugins(names, folder, { trust: { named: [], all: false, store, ...given } });

test('a file that nobody named is shown with its digest and not loaded, nor is any other beside it', async () => {
  await write('one.js');
  await writeFile(at('two.js'), text('two'));
  const attempt = load(['./one.js', './two.js'], { named: [at('one.js')] });
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(
    /two\.js" \(sha256 [0-9a-f]{64}\).*nobody has named it.*--plugin .*two\.js, or --trust/,
  );
  expect(mark()).toBeUndefined();
});

test.each<[string, () => Partial<PluginTrust>]>([
  ['it is named', () => ({ named: [at('one.js')] })],
  ['it is named by a link', () => ({ named: [at('link.js')] })],
  ['all are trusted', () => ({ all: true })],
])('a file is loaded when %s, and from then on', async (_what, given) => {
  await write('one.js');
  await symlink(at('one.js'), at('link.js'));
  await load(['./one.js'], given());
  expect(mark()).toBe('one.js1');
  await load(['./one.js']);
  expect(JSON.parse(await readFile(store, 'utf8'))).toMatchObject({
    files: { [at('one.js')]: expect.any(String) as string },
  });
});

test.each(['one.js', 'helper.js'])('it is asked for again when %s has changed', async (changed) => {
  await write('one.js');
  await load(['./one.js'], { all: true });
  await writeFile(at(changed), `${await readFile(at(changed), 'utf8')}\n// more`);
  await expect(load(['./one.js'])).rejects.toThrow(/it was changed since you trusted it/);
});

test.each<[string, string, string]>([
  ['the entry of a folder is changed', './lib', 'lib/index.mjs'],
  ['what the package.json of a folder names is changed', './lib', 'lib/deep.js'],
  ['a file comes that is taken before the one that was there', './late', 'late.js'],
  ['the entry of its own folder is changed', '.', 'index.js'],
])('it is asked for again when %s', async (_what, name, changed) => {
  await write('one.js');
  await mkdir(at('lib'));
  await writeFile(at('lib/index.mjs'), 'export const own = 1;');
  await writeFile(at('lib/package.json'), '{"main": "deep.js"}');
  await writeFile(at('lib/deep.js'), 'export const own = 1;');
  await writeFile(at('late.ts'), 'export const own = 1;');
  await writeFile(at('index.js'), 'export const own = 1;');
  await writeFile(at('one.js'), `export * from '${name}';\n${text('one.js')}`);
  await load(['./one.js'], { all: true });
  await load(['./one.js']);
  await writeFile(at(changed), 'export const own = 2;');
  await expect(load(['./one.js'])).rejects.toThrow(/it was changed since you trusted it/);
});

test("a package's own name is no way around trust: its files are named by path", async () => {
  const manifest = { name: 'nice', type: 'module', exports: './index.js', peerDependencies: { '@espalier/core': '*' } };
  await writeFile(at('package.json'), JSON.stringify(manifest));
  await write('index.js');
  await expect(load(['nice'], { all: true })).rejects.toThrow(/is that package itself, and not one that is installed/);
  expect(mark()).toBeUndefined();
  await mkdir(at('node_modules'));
  await symlink(folder, at('node_modules/nice')); // as npm link does
  expect(await load(['nice'])).toHaveLength(1);
});

test('the same file at another place is another one, as what it imports may be', async () => {
  await write('one.js');
  await load(['./one.js'], { all: true });
  await mkdir(at('elsewhere'));
  for (const name of ['one.js', 'helper.js'])
    await writeFile(join(at('elsewhere'), name), await readFile(at(name), 'utf8'));
  await expect(load(['./elsewhere/one.js'])).rejects.toThrow(/nobody has named it/);
});

test('what remembers trust and cannot be read trusts nothing', async () => {
  await write('one.js');
  await mkdir(at('settings'));
  await writeFile(store, '{"format":1,"files":[]}');
  await expect(load(['./one.js'])).rejects.toThrow(/nobody has named it/);
});

test.skipIf(process.platform === 'win32')(
  'pipes in the place of code, or of what is trusted, are not waited for',
  async () => {
    await mkdir(at('settings'));
    for (const pipe of [store, at('pipe.js')]) execFileSync('mkfifo', [pipe]);
    await write('one.js');
    await expect(load(['./one.js'])).rejects.toThrow(/nobody has named it/);
    await expect(load(['./pipe.js'])).rejects.toThrow(/is not a regular file/);
  },
);

test.each([
  'file:///tmp/x.js',
  'data:text/javascript,1',
  'https://host/x.js',
  'a/../../x',
  'node:fs',
  '~/x.js',
  'a\\b',
])('%j is no name of a package', async (name) => {
  await expect(load([name], { all: true })).rejects.toThrow(/no name of a package/);
});

test('no package is taken from the run folder', async () => {
  const place = join(folder, 'node_modules', 'espalier-plugin-a');
  await mkdir(place, { recursive: true });
  const peerDependencies = { '@espalier/core': '>=0.0.1' };
  await writeFile(
    join(place, 'package.json'),
    JSON.stringify({ name: 'espalier-plugin-a', type: 'module', main: 'index.js', peerDependencies }),
  );
  await writeFile(join(place, 'index.js'), `export default { name: 'a', provides: [] };`);
  await expect(loadPlugins(['espalier-plugin-a'], folder, { notFrom: folder })).rejects.toThrow(
    /lies in the run folder/,
  );
  expect(await loadPlugins(['espalier-plugin-a'], folder, { notFrom: at('run') })).toHaveLength(1);
});

test('trust is kept with the settings of the person', () => {
  expect(trustStore({ XDG_CONFIG_HOME: folder })).toBe(join(folder, 'espalier', 'trusted.json'));
  expect(trustStore({ XDG_CONFIG_HOME: 'relative' })).not.toContain('relative');
});
