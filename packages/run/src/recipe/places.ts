// Where a run writes, checked before it works: places that are one another, hold one another, or cannot be written to.
import { constants, existsSync } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep, isAbsolute, basename } from 'node:path';
import { InputError, systemWords } from '@espalier/core';
import type { Recipe } from './schema.js';

/** Absolute paths, with links resolved. */
export interface Places {
  /** The run folder; absent where the run is in memory. */
  readonly run?: string | undefined;
  /** Where the model goes. */
  readonly out?: string | undefined;
  /** The model's folder, where it is on this machine. */
  readonly model?: string | undefined;
}

/** Throws `InputError` for places that are the same or lie in one another: one of them would be taken for a part of the other, or replace it. */
export function checkPlaces({ run, out, model }: Places): void {
  if (out !== undefined) {
    if (run !== undefined)
      apart(
        ['the model', out],
        ['the run', run],
        'Give model (--out, export.folder) and run (--run, folder) two folders beside each other',
      );
    if (model !== undefined)
      apart(
        ['the new model', out],
        ['the model that it is made from', model],
        'Give it another folder (--out, export.folder)',
      );
  }
  if (run !== undefined && model !== undefined && holds(run, model))
    throw overlapping(['the run', run], ['the model', model], 'Give it another folder (--run, in code folder)');
}

type Place = readonly [what: string, path: string];

function apart(a: Place, b: Place, fix: string): void {
  if (holds(a[1], b[1]) || holds(b[1], a[1])) throw overlapping(a, b, fix);
}

function overlapping([a, one]: Place, [b, other]: Place, fix: string): InputError {
  const [outer, inner] = holds(one, other) ? [a, b] : [b, a];
  const found =
    one === other ? `that is the folder of ${b} as well` : `the folder of ${outer} would hold ${inner} ("${other}")`;
  return new InputError({ asked: `write ${a} to "${one}"`, found, fix });
}

/** Whether a folder is the other one, or has it within. */
function holds(folder: string, other: string): boolean {
  const path = relative(folder, other);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path));
}

/** The path as the system sees it: absolute, links resolved as far as it is there. */
export async function realPlace(path: string): Promise<string> {
  const absolute = resolve(path);
  const real = await realpath(absolute).catch(() => undefined);
  if (real !== undefined) return real;
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(await realPlace(parent), basename(absolute));
}

/** Throws `InputError` where a folder cannot be made or written to. Makes nothing. */
export async function checkWritable(path: string, what: string): Promise<void> {
  const asked = `write ${what} to "${path}"`;
  const fix = 'Choose a folder that can be made and written to';
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory()) throw new InputError({ asked, found: `"${place}" is no folder`, fix });
      await access(place, constants.W_OK | constants.X_OK);
      return;
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      if (isMissing(cause) && dirname(place) !== place) continue;
      const found = `"${place}": ${systemWords(cause) ?? String(cause)}`;
      throw new InputError({ asked, found, fix }, { cause });
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Throws `InputError`, before anything is written, for folders of a run that overlap or cannot be written to. */
export async function checkRunPlaces(
  { model, export: wanted }: Pick<Recipe, 'model'> & { readonly export?: { readonly folder: string } | undefined },
  run: string | undefined,
): Promise<void> {
  const out = wanted === undefined ? undefined : await realPlace(wanted.folder);
  const source = model !== undefined && existsSync(model) ? await realPlace(model) : undefined;
  // A run in memory is nowhere: what it exports must keep clear of the model all the same.
  checkPlaces({ run: run === undefined ? undefined : await realPlace(run), out, model: source });
  if (run !== undefined) await checkWritable(run, 'a run');
  if (wanted !== undefined) await checkWritable(wanted.folder, 'a model');
}
