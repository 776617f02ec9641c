// Standard input as a text: kept in the run folder, so that the run can be resumed.
import { createWriteStream, fstatSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { attempt, exists, InputError, makeFolder } from '@espalier/core';
import { checkNotLocked, holdsRun, recordNames, textsOf, type Recipe } from '@espalier/run';

const asked = 'read text from standard input';

/**
 * Works with standard input in a file of the run folder, where the recipe reads it ("-"), and with `undefined` otherwise. Where no run
 * comes of it, the file goes again, with the folders that were made for it. Throws `InputError` for what cannot be read, and what `work` throws.
 */
export async function withStdinFile<T>(
  recipe: Recipe,
  { run, replace }: { readonly run: string; readonly replace: boolean },
  work: (file: string | undefined) => Promise<T>,
): Promise<T> {
  // What is there is refused before anything is read.
  const asks = textsOf(recipe.data).some(({ source }) => source === '-');
  if (!asks || (!replace && (await holdsRun(run)))) return work(undefined);
  checkStdin();
  await checkNotLocked(run);
  const made = await missingFolders(run);
  const file = join(run, recordNames.stdin);
  try {
    await attempt({ asked, fix: 'Choose a run folder that can be written to (--run)' }, async () => {
      await makeFolder(run);
      await pipeline(process.stdin, createWriteStream(file));
    });
    return await work(file);
  } catch (error) {
    // Where the disk does not say, it may be a run's.
    if (!(await holdsRun(run).catch(() => true))) {
      await rm(file, { force: true });
      for (const folder of made) await rmdir(folder).catch(() => undefined); // one that holds something stays
    }
    throw error;
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
