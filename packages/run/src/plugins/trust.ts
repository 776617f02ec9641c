// Code that a recipe or a run folder names by path may have come with it: it is loaded once the person has named it or said that all of it
// is trusted, and is remembered by place and content until either changes.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative as pathFrom, resolve } from 'node:path';
import { InputError, readSmallText, regularFile } from '@espalier/core';
import { z } from 'zod';
import { writeTextFile } from '../folder/small-files.js';
import type { Variables } from '../secrets/variables.js';

/** What the person has said of code that is not installed. */
export interface PluginTrust {
  /** Files that were named on the command line. */
  readonly named: readonly string[];
  /** Whether all files that the recipe names may be loaded. */
  readonly all: boolean;
  /** File that remembers them. */
  readonly store: string;
}

/** Where trust is remembered: in the folder of the person's settings (XDG_CONFIG_HOME, APPDATA on Windows, else ~/.config). */
export function trustStore(variables: Variables): string {
  const own = variables['XDG_CONFIG_HOME'] ?? variables['APPDATA'];
  const base = own !== undefined && isAbsolute(own) ? own : join(homedir(), '.config');
  return join(base, 'espalier', 'trusted.json');
}

/** Bytes of a plugin's file. */
export const PLUGIN_LIMIT = 2 ** 26;

const most = 1000;
const storeLimit = 2 ** 24;
/** Digests by path of the file. */
const storeSchema = z.object({ format: z.literal(1), files: z.record(z.string(), z.string()) });

/** Throws `InputError` that shows the first file, with its digest, that nobody has named or trusted; remembers the others. */
export async function checkTrust(files: readonly string[], { named, all, store }: PluginTrust): Promise<void> {
  if (files.length === 0) return;
  const known = new Map(Object.entries(await readStore(store)));
  const own = await Promise.all(named.map((file) => realpath(resolve(file)).catch(() => resolve(file))));
  const before = known.size;
  let changed = false;
  for (const file of files) {
    const place = await realpath(file);
    const digest = await digestOfCode(place);
    if (known.get(place) === digest) continue;
    if (!all && !own.includes(place)) throw untrusted(place, digest, known.has(place));
    known.delete(place);
    known.set(place, digest);
    changed = true;
  }
  if (changed || known.size !== before) await writeStore(store, known);
}

function untrusted(place: string, digest: string, wasTrusted: boolean): InputError {
  const state = wasTrusted ? 'it was changed since you trusted it' : 'nobody has named it on the command line';
  return new InputError({
    asked: `load the code in "${place}" (sha256 ${digest}), which the recipe names`,
    found: `it would run with all your rights, and ${state}`,
    fix: `Read it; then give --plugin ${place}, or --trust for all that the recipe names (in code: trust). Either is remembered until the code changes`,
  });
}

async function readStore(store: string): Promise<Readonly<Record<string, string>>> {
  try {
    return storeSchema.parse(JSON.parse(await readSmallText(store, 'read which plugins are trusted', storeLimit)))
      .files;
  } catch {
    return {}; // what cannot be read is not trusted
  }
}

/** Remembers; where that cannot be written, the person is asked again. */
async function writeStore(store: string, files: ReadonlyMap<string, string>): Promise<void> {
  const newest = Object.fromEntries([...files].slice(-most));
  try {
    await mkdir(dirname(store), { recursive: true, mode: 0o700 });
    await writeTextFile(store, `${JSON.stringify({ format: 1, files: newest }, null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

const code = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx', '.json'];
const endings = ['', ...code, ...code.map((ending) => `/index${ending}`), '/package.json'];
const relative = /['"`](\.{1,2}(?:\/[^'"`\n]*)?)['"`]/g;
/** What a folder's package.json names as its entry, from there. */
const entries = /"([^"\n]+\.[cm]?[jt]sx?)"/g;

/** SHA-256 of a file and of all that it, and they, name by a relative path: of everything that the name may mean, whichever of them is loaded. */
async function digestOfCode(entry: string): Promise<string> {
  const hash = createHash('sha256');
  const waiting = [entry];
  const seen = new Set<string>();
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    await regularFile(file, `load the code in "${file}"`, PLUGIN_LIMIT);
    const text = await readFile(file, 'utf8');
    // With its place: a file that is added or renamed is a change too.
    hash.update(`${JSON.stringify(pathFrom(dirname(entry), file))} ${Buffer.byteLength(text)}\n`).update(text);
    const names = [...text.matchAll(relative), ...(basename(file) === 'package.json' ? text.matchAll(entries) : [])];
    for (const [, name = ''] of names) waiting.push(...filesNamed(resolve(dirname(file), name)));
  }
  return hash.digest('hex');
}

/** The files that an import without its ending, or with the one it will have when compiled, may mean. */
function filesNamed(path: string): readonly string[] {
  const stem = path.replace(/\.[cm]?jsx?$/, '');
  const all = new Set([path, stem].flatMap((own) => endings.map((ending) => own + ending)));
  return [...all].filter((own) => existsSync(own) && statSync(own).isFile());
}
