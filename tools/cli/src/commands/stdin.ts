// Standard input as a text: kept in the run folder, so that the run can be resumed.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { attempt, InputError, makeFolder } from '@espalier/core';
import { holdsRun, recordNames, type Recipe } from '@espalier/run';

/** Writes standard input into the run folder where the recipe reads it ("-"), and gives the file. */
export async function stdinFile(recipe: Recipe, run: string, replace: boolean): Promise<string | undefined> {
  if (recipe.data.source !== '-') return undefined;
  const asked = 'read text from standard input';
  if (process.stdin.isTTY) {
    throw new InputError({
      asked,
      found: 'it is a terminal',
      fix: 'Pipe text into the command: cat corpus.txt | espalier …',
    });
  }
  if (holdsRun(run) && !replace) return undefined; // what is there is refused before anything is read
  await attempt({ asked, fix: 'Choose a run folder that can be written to (--run)' }, () => makeFolder(run));
  const file = join(run, recordNames.stdin);
  await pipeline(process.stdin, createWriteStream(file));
  return file;
}
