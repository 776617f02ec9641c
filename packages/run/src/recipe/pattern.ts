// A pattern of files, such as `corpus/*.jsonl`, as a recipe or a flag names it.
import { existsSync } from 'node:fs';
import { sep } from 'node:path';

/** The folder that a pattern begins with, and what follows it; `undefined` for text without `*` and `?`, and for a file of that very name. */
export function patternIn(source: string): { readonly folder: string; readonly pattern: string } | undefined {
  const at = source.search(/[*?]/);
  if (at === -1 || existsSync(source)) return undefined;
  const parts = source.slice(0, at).split(sep === '\\' ? /[\\/]/ : '/');
  const folder = parts.slice(0, -1).join('/');
  const pattern = source.slice(folder === '' && parts.length === 1 ? 0 : folder.length + 1).replaceAll(sep, '/');
  return { folder: folder === '' ? (parts.length === 1 ? '.' : '/') : folder, pattern };
}
