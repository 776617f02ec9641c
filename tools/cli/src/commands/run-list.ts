// The runs below a folder, for `espalier status FOLDER`.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from '@espalier/core';
import { holdsRun } from '@espalier/run';

/** Levels of folders, and how many of them, that are looked into. */
const [LEVELS, MOST] = [3, 2000];

/**
 * Folders of runs below a folder, itself included, no deeper than three levels and not behind links; hidden folders, `node_modules` and what lies in a run
 * are passed over. Throws `InputError` for a folder that cannot be read.
 */
export async function runsBelow(folder: string): Promise<readonly string[]> {
  const runs: string[] = [];
  let waiting = [folder];
  let looked = 0;
  for (let level = 0; level <= LEVELS && waiting.length > 0; level++) {
    const next: string[] = [];
    for (const path of waiting) {
      if (++looked > MOST) return runs;
      if (await holdsRun(path)) {
        runs.push(path);
        continue;
      }
      const parts = { asked: `look for runs in "${path}"`, fix: 'Give the folder of a run, or of runs' };
      const entries = await attempt(parts, () => readdir(path, { withFileTypes: true })).catch((error: unknown) => {
        if (path === folder) throw error;
        return []; // one that is nobody's to read
      });
      for (const own of entries)
        if (own.isDirectory() && !own.name.startsWith('.') && own.name !== 'node_modules')
          next.push(join(path, own.name));
    }
    waiting = next;
  }
  return runs;
}
