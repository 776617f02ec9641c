// docs/recipe.md against the schema it is about: nothing is missing, and what it shows is read.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkStrategies, createWorkbench, parseRecipe, recipeJsonSchema } from '@espalier/run';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const page = await readFile(path.resolve(import.meta.dirname, '../../../docs/recipe.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);

/** Every key of every object of a JSON Schema, with the last key of the way to it. */
function keysOf(schema: unknown, parent = ''): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((own) => keysOf(own, parent));
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    if (keyword !== 'properties')
      return ['default', 'examples', '$defs'].includes(keyword) ? [] : keysOf(value, parent);
    const fields = z.record(z.string(), z.unknown()).parse(value);
    return Object.entries(fields).flatMap(([key, own]) => [`${parent} ${key}`, ...keysOf(own, key)]);
  });
}

test('every key of a recipe has its row', () => {
  // Refused with advice, and the name that every strategy has: told in words.
  const shown = keysOf(recipeJsonSchema()).filter((key) => !/ (options|name)$/.test(key));
  expect(shown.length).toBeGreaterThan(50);
  expect(shown.filter((key) => !page.includes(`| \`${key.split(' ')[1] ?? ''}\` `))).toEqual([]);
});

test.each(blocks)('this is read, and names strategies that there are:\n%s', (yaml) => {
  const own = z.looseObject({}).parse(parse(yaml));
  const recipe = parseRecipe({ model: 'm', data: 'tinytales', steps: [{ target: '50%' }], ...own }, 'page');
  checkStrategies(recipe, createWorkbench({ seed: 1 }).container, (at) => at.join('.'));
});
