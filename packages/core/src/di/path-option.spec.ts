// Paths among options, made absolute from the folder of a recipe.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { mapPaths, pathOption } from './path-option.js';

const from = (path: string): string => resolve('/recipes', path);

const schema = z.strictObject({
  folder: pathOption().describe('where to'),
  title: z.string(),
  cache: pathOption().default('cache'),
  more: z.array(z.strictObject({ file: pathOption().exactOptional(), name: z.string() })).optional(),
});

test('paths that are marked become absolute, in lists and objects too; other strings stay', () => {
  const options = { folder: 'a/../b', title: './t', cache: '/c', more: [{ file: 'f', name: 'n' }, { name: 'm' }] };
  expect(mapPaths(schema, options, from)).toEqual({
    folder: '/recipes/b',
    title: './t',
    cache: '/c',
    more: [{ file: '/recipes/f', name: 'n' }, { name: 'm' }],
  });
});

test('what the schema does not know stays for it to refuse, and the given options are not changed', () => {
  const options = Object.freeze({ folder: 7, toString: 'x', title: '' });
  expect(mapPaths(schema, options, from)).toEqual(options);
  expect(mapPaths(schema, 'adamw', from)).toBe('adamw');
});
