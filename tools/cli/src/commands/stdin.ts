// Standard input as a text: kept in the run folder, so that the run can be resumed.
import { createWriteStream, fstatSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { attempt, exists, InputError, makeFolder } from '@espalier/core';
import { holdsRun, lockRun, recordNames, textsOf, type Recipe, type RunLock } from '@espalier/run';

const asked = 'read text from standard input';

/** Standard input as a file of a run folder, and the lock under which it was written. */
export interface StdinFile {
  /** Its path. */
  readonly stdin: string;
  /** Of the folder. */
  readonly lock: RunLock;
}

/**
 * Works with standard input in a file of the run folder, where the recipe reads it ("-"), and with `undefined` otherwise. The folder is locked before
 * anything is written, and until the work is done. Where no run comes of it, the file goes again, with the folders that were made for it. Throws
 * `InputError` for what cannot be read, and what `work` throws.
 */
export async function withStdinFile<T>(
  recipe: Recipe,
  {
    run,
    replace,
    input = process.stdin,
  }: { readonly run: string; readonly replace: boolean; readonly input?: Readable },
  work: (own: StdinFile | undefined) => Promise<T>,
): Promise<T> {
  // What is there is refused before anything is read.
  const asks = textsOf(recipe.data).some(({ source }) => source === '-');
  if (!asks || (!replace && (await holdsRun(run)))) return work(undefined);
  checkStdin();
  const parts = { asked, fix: 'Choose a run folder that can be written to (--run)' };
  const made = await missingFolders(run);
  const file = join(run, recordNames.stdin);
  let lock: RunLock | undefined;
  try {
    await attempt(parts, () => makeFolder(run));
    lock = await lockRun(run);
    // A run may have begun there, and ended, meanwhile: its text is not to be replaced.
    if (!replace && (await holdsRun(run))) return await work(undefined);
    await attempt(parts, () => pipeline(input, createWriteStream(file)));
    return await work({ stdin: file, lock });
  } catch (error) {
    // Where the disk does not say, it may be a run's; without the lock it may be that of another process.
    const isOurs = lock !== undefined && !(await holdsRun(run).catch(() => true));
    if (isOurs) await rm(file, { force: true });
    await lock?.release();
    if (isOurs || lock === undefined) for (const folder of made) await rmdir(folder).catch(() => undefined); // one that holds something stays
    throw error;
  } finally {
    await lock?.release();
  }
}

function checkStdin(): void {
  const fix = 'Pipe text into the command: cat corpus.txt | espalier …';
  if (process.stdin.isTTY) throw new InputError({ asked, found: 'it is a terminal', fix });
  if (fstatSync(0).isDirectory())
    throw new InputError({ asked, found: 'it is a folder', fix: 'Name the folder: --data FOLDER' });
}

/** The folder and those above it that are not there, innermost first. */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let place = resolve(folder); !(await exists(place)) && dirname(place) !== place; place = dirname(place))
    missing.push(place);
  return missing;
}
