// Relative paths in a recipe are seen from the folder of the file that they stand in.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { anchored } from '../secrets/references.js';
import { isValues } from './merge.js';
import { patternIn } from './pattern.js';

/**
 * The same values with paths made absolute. A model, a text or a tokenizer that is not there is left as it is written: it may
 * be the name of something on the hub or of a plugin's source.
 */
export function anchorPaths(value: unknown, folder: string): unknown {
  if (!isValues(value)) return value;
  const present = (own: unknown): unknown =>
    anchored(own, folder, (text) => (isThere(resolve(folder, text)) ? resolve(folder, text) : text));
  const source = (own: unknown): unknown =>
    isValues(own)
      ? { ...own, ...(Object.hasOwn(own, 'source') ? { source: present(own['source']) } : {}) }
      : present(own);
  const within = (key: string, change: (own: unknown) => unknown): Record<string, unknown> =>
    Object.hasOwn(value, key) ? { [key]: change(value[key]) } : {};
  return {
    ...value,
    ...within('model', present),
    ...within('data', (own) => (Array.isArray(own) ? own.map(source) : source(own))),
    ...within('evaluation', (own) =>
      isValues(own) && Object.hasOwn(own, 'data') ? { ...own, data: source(own['data']) } : own,
    ),
    ...within('pretraining', (own) =>
      isValues(own) && Object.hasOwn(own, 'tokenizer') ? { ...own, tokenizer: present(own['tokenizer']) } : own,
    ),
    ...within('plugins', (own) =>
      Array.isArray(own) ? own.map((name) => anchored(name, folder, (text) => pluginPath(text, folder))) : own,
    ),
    ...within('export', (own) =>
      isValues(own) && 'folder' in own
        ? { ...own, folder: anchored(own['folder'], folder, (text) => resolve(folder, text)) }
        : own,
    ),
  };
}

/** Whether there is such a file, or the folder that a pattern begins with. */
function isThere(path: string): boolean {
  const pattern = patternIn(path);
  return existsSync(pattern === undefined ? path : pattern.folder);
}

/** A plugin is a path when it begins with a dot, as Node has it. */
function pluginPath(name: string, folder: string): string {
  return name.startsWith('.') ? resolve(folder, name) : name;
}
