// Loads the plugins that a recipe or `--plugin` names: packages by name, files by path, TypeScript included. Nothing else is
// loaded, and a plugin either comes whole or not at all; what becomes of its strategies is the container's affair. The libraries
// that load them are themselves loaded only where there is a plugin to load.
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputError, ownValue, readSmallText, regularFile, type Plugin } from '@espalier/core';
import { z } from 'zod';
import { checkPlugin } from './check-plugin.js';
import { checkTrust, PLUGIN_LIMIT, type PluginTrust } from './trust.js';

/** Modules that a plugin shares with us, so that its errors, tensors and tokens are ours, wherever its file lies. */
const shared = [
  '@espalier/core',
  '@espalier/core/graph',
  '@espalier/plugins',
  'reflect-metadata',
  'rxjs',
  'tsyringe',
  'zod',
];

/** Bytes of a package.json. */
const MANIFEST_LIMIT = 2 ** 22;

const manifestSchema = z.object({
  name: z.string().optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
});

/** Whose choice the plugins were. */
export interface PluginChoice {
  /** Of files that a recipe names: what the person has said of them. Not given for names that the person gave. */
  readonly trust?: PluginTrust;
  /** A folder that no package is taken from: the run's. */
  readonly notFrom?: string;
}

/**
 * Plugins by name of a package, or path of a file, both as seen from the folder `base`; a name given twice is loaded once.
 * No file is loaded before all are trusted. Throws `InputError`, with the plugin's path and the cause, for what cannot be found or loaded, is no plugin, bears the name of another
 * one, or was made for another version of `@espalier/core`.
 */
export async function loadPlugins(
  names: readonly string[],
  base: string,
  { trust, notFrom }: PluginChoice = {},
): Promise<readonly Plugin[]> {
  const files = new Map<string, string>();
  for (const name of new Set(names)) files.set(name, await fileOf(name, base));
  if (trust !== undefined)
    await checkTrust(
      [...files].flatMap(([name, file]) => (isPath(name) ? [file] : [])),
      trust,
    );
  const plugins = new Map<string, { readonly from: string; readonly plugin: Plugin }>();
  for (const [from, file] of files) {
    if (notFrom !== undefined && !isPath(from) && file.startsWith(path.resolve(notFrom) + path.sep))
      throw refused(from, `the package lies in the run folder (${file})`, 'Run the command in another folder');
    const plugin = await loadPlugin(from, file);
    const other = plugins.get(plugin.name);
    if (other !== undefined) {
      throw refused(
        from,
        `it is called "${plugin.name}", and so is ${other.from}`,
        'Leave one of them out, or rename it',
      );
    }
    plugins.set(plugin.name, { from, plugin });
  }
  return [...plugins.values()].map(({ plugin }) => plugin);
}

function fileOf(name: string, base: string): string | Promise<string> {
  return isPath(name) ? pathOf(name, base) : packageFile(name, base);
}

async function loadPlugin(name: string, file: string): Promise<Plugin> {
  await regularFile(file, `load plugin "${name}"`, PLUGIN_LIMIT);
  if (!isPath(name)) await checkVersion(name, file);
  const loaded = await load(name, file);
  return checkPlugin(loaded, { name, file });
}

/** A path begins with a dot or is absolute; everything else is a package, as Node has it. */
function isPath(name: string): boolean {
  return name.startsWith('.') || path.isAbsolute(name);
}

function pathOf(name: string, base: string): string {
  const file = path.resolve(base, name);
  if (existsSync(file)) return file;
  throw refused(name, `there is no file ${file}`, `Give the path of a file, as seen from ${path.resolve(base)}`);
}

/** `name`, `@scope/name`, or a part of one; no address, and no way out of the folder of packages. */
const packageName = /^(?:@[\w-][\w.~-]*\/)?[\w-][\w.~-]*(?:\/[\w-][\w.~-]*)*$/;

async function packageFile(name: string, base: string): Promise<string> {
  if (!packageName.test(name))
    throw refused(
      name,
      'that is no name of a package',
      'Name an installed package; a path begins with ./ or is absolute',
    );
  const { createJiti } = await import('jiti');
  const from = pathToFileURL(path.join(path.resolve(base), 'recipe.js')).href;
  const url = createJiti(from).esmResolve(name, { parentURL: from, try: true });
  if (url !== undefined) {
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (!(await isInstalled(name, file, path.resolve(base))))
      throw refused(
        name,
        `${file} is that package itself, and not one that is installed`,
        'Name the file by a path that begins with ./; it is loaded once you have said that you trust it',
      );
    return file;
  }
  const fix = `Install it: npm install ${name}; a file is named by a path that begins with ./`;
  throw refused(name, `there is no package of that name to be seen from ${path.resolve(base)}`, fix);
}

/** Whether the file lies in a package that stands in `node_modules` of the folder or of one above it. Node gives a package's own name its own files as well. */
async function isInstalled(name: string, file: string, base: string): Promise<boolean> {
  const [first = '', second = ''] = name.split('/');
  const own = first.startsWith('@') ? path.join(first, second) : first;
  const found = await realpath(file).catch(() => file);
  for (let folder = base, last = ''; folder !== last; [folder, last] = [path.dirname(folder), folder]) {
    const installed = await realpath(path.join(folder, 'node_modules', own)).catch(() => undefined);
    if (installed !== undefined && found.startsWith(installed + path.sep)) return true;
  }
  return false;
}

async function checkVersion(name: string, file: string): Promise<void> {
  const { peerDependencies = {} } = await nearestManifest(name, path.dirname(file));
  const range = ownValue(peerDependencies, '@espalier/core');
  const own = coreVersion();
  if (range === undefined) {
    const fix = `Add "peerDependencies": { "@espalier/core": "^${own}" } to its package.json`;
    throw refused(name, 'it does not say for which version of @espalier/core it was made', fix);
  }
  const { default: semver } = await import('semver');
  if (semver.satisfies(own, range, { includePrerelease: true })) return;
  const fix = `Install a version of ${name} made for ${own}`;
  throw refused(name, `it was made for @espalier/core ${range}, this is ${own}`, fix);
}

function coreVersion(): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(createRequire(import.meta.url)('@espalier/core/package.json'));
  return version;
}

async function nearestManifest(name: string, folder: string): Promise<z.infer<typeof manifestSchema>> {
  const file = path.join(folder, 'package.json');
  if (existsSync(file)) {
    const manifest = await readManifest(name, file);
    // A bare { "type": "module" } inside a package is not the package's own.
    if (manifest.name !== undefined) return manifest;
  }
  const parent = path.dirname(folder);
  return parent === folder ? {} : nearestManifest(name, parent);
}

async function readManifest(name: string, file: string): Promise<z.infer<typeof manifestSchema>> {
  const text = await readSmallText(file, `load plugin "${name}"`, MANIFEST_LIMIT);
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw refused(name, `its ${file} is damaged`, 'Install it again', cause);
  }
}

async function load(name: string, file: string): Promise<unknown> {
  const alias = Object.fromEntries(shared.map((own) => [own, fileURLToPath(import.meta.resolve(own))]));
  const { createJiti } = await import('jiti');
  try {
    return await createJiti(import.meta.url, { alias, fsCache: false }).import(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(
      { asked: `load plugin "${name}"`, found: `${file} failed: ${why}`, fix: 'Correct the plugin, or leave it out' },
      { cause },
    );
  }
}

function refused(name: string, found: string, fix: string, cause?: unknown): InputError {
  return new InputError({ asked: `load plugin "${name}"`, found, fix }, { cause });
}
