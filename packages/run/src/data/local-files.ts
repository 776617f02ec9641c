// Text on this machine: a file, a folder, or a pattern such as `corpus/*.jsonl`.
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { InputError } from '@espalier/core';
import { isTextFile } from '@espalier/plugins';
import { matchesPattern } from '../hub/names.js';
import { patternIn } from '../recipe/pattern.js';

/**
 * The file; all files of text in the folder, or with `files` those that match; or the files that the pattern matches. By name. Throws
 * `InputError` where that is none.
 */
export async function localFiles(source: string, files?: string): Promise<readonly string[]> {
  const own = patternIn(source);
  if (own === undefined && !(await stat(source)).isDirectory()) return [source];
  const { folder, pattern } = own ?? { folder: source, pattern: files };
  const below = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
  const names = below
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const name = path.slice(join(folder, sep).length - (folder === '.' ? 2 : 0)).replaceAll(sep, '/');
      return pattern === undefined ? isTextFile(name) : matchesPattern(name, pattern);
    });
  if (names.length > 0) return names.toSorted();
  const found =
    pattern === undefined
      ? 'it has no file that ends in .txt, .jsonl, .ndjson or .parquet'
      : `no file in it matches ${JSON.stringify(pattern)}`;
  throw new InputError({ asked: `read text in folder "${folder}"`, found, fix: 'Give the path of a file' });
}
