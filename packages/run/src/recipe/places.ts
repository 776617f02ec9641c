// Where a run writes, checked before it works: places that are one another, hold one another, or cannot be written to.
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
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
  if (run !== undefined && model !== undefined)
    apart(
      ['the run', run],
      ['the model that it is made from', model],
      'Give it a folder beside the model (--run, in code folder)',
    );
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

/**
 * Throws `InputError` where a folder cannot be made or written to: something is written into it, or the nearest folder above that is
 * there, and removed again, as what the system says of permissions is not true on every disk.
 */
export async function checkWritable(path: string, what: string): Promise<void> {
  const asked = `write ${what} to "${path}"`;
  const fix = 'Choose a folder that can be made and written to';
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory()) throw new InputError({ asked, found: `"${place}" is no folder`, fix });
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      if (isMissing(cause) && dirname(place) !== place) continue;
      throw unwritable(asked, place, fix, cause);
    }
    return tryWriting(place).catch((cause: unknown) => {
      if (!isMissing(cause)) throw unwritable(asked, place, fix, cause);
      throw new InputError({ asked, found: `the system lets nothing be made in "${place}"`, fix }, { cause });
    });
  }
}

/** Writes a file into a new folder within, and removes both. */
async function tryWriting(folder: string): Promise<void> {
  const trial = await mkdtemp(join(folder, '.espalier-trial-'));
  try {
    await writeFile(join(trial, 'file'), 'written');
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

function unwritable(asked: string, place: string, fix: string, cause: unknown): InputError {
  return new InputError({ asked, found: `"${place}": ${systemWords(cause) ?? String(cause)}`, fix }, { cause });
}

/** Throws `InputError` as `checkWritable`, and where a model's folder could not come into place as a whole, by a new name in the folder above. */
export async function checkModelPlace(path: string): Promise<void> {
  const place = await realPlace(path);
  const above = dirname(place);
  await checkWritable(path, 'a model');
  await checkWritable(above, 'a model');
  if (!existsSync(place) || (place !== above && (await stat(place)).dev === (await stat(above)).dev)) return;
  throw new InputError({
    asked: `write a model to "${path}"`,
    found: 'it is where a disk begins, and a model comes into place by a new name for its whole folder',
    fix: `Give a folder within, such as "${join(path, 'model')}"`,
  });
}

/**
 * Throws `InputError` where curves for TensorBoard would lie in the folder of a model, which then could not be written, or held more than a
 * model, or where they cannot be written. Such subscribers of the recipe, whose folder is seen from another, are looked at.
 */
export async function checkCurvePlaces(
  { subscribers, model, export: wanted }: Pick<Recipe, 'subscribers' | 'model' | 'export'>,
  seenFrom: string,
): Promise<void> {
  for (const { name, folder } of subscribers) {
    if (name !== 'tensorboard' || typeof folder !== 'string' || folder.includes('${')) continue;
    const curves = await realPlace(resolve(seenFrom, folder));
    for (const [what, path] of [
      ['the model', wanted?.folder],
      ['the model that it is made from', model !== undefined && existsSync(model) ? model : undefined],
    ] as const) {
      if (path === undefined || !holds(await realPlace(path), curves)) continue;
      const fix = 'Give curves (--tensorboard, or the folder of the subscriber) a folder beside it';
      throw overlapping(['curves for TensorBoard', curves], [what, await realPlace(path)], fix);
    }
    await checkWritable(curves, 'curves for TensorBoard');
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
  if (wanted !== undefined) await checkModelPlace(wanted.folder);
}
