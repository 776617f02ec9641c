// Descriptions from made-up code, and those of the recipe as it is.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { recipeJsonSchema } from '@espalier/run';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { described, describedRecipe } from './described-schema.js';

const code = `
const brim = z.strictObject({
  /** Centimetres. */
  width: z.number(),
});
export const hat = z.strictObject({
  /**
   * How tall
   * it is.
   */
  height: z.number().positive(),
  /** What is under it. */
  brim: brim.prefault({}),
  colour: z.string(),
  /** Not this. */
  label: z.string().describe('This'),
});
`;
const brim = z.strictObject({ width: z.number() });
const hat = z.strictObject({
  height: z.number().positive(),
  brim: brim.prefault({ width: 1 }),
  colour: z.string(),
  label: z.string().describe('This'),
});

test('fields get their comments, also in objects of objects; what is described already stays', () => {
  expect(described(z.toJSONSchema(hat), code, 'hat')['properties']).toMatchObject({
    height: { type: 'number', description: 'How tall it is.' },
    brim: { description: 'What is under it.', properties: { width: { description: 'Centimetres.' } } },
    colour: { type: 'string' },
    label: { description: 'This' },
  });
});

test('every key of a recipe is described, however deep', async () => {
  const source = path.resolve(import.meta.dirname, '../../../packages/run/src/steps/step-schema.ts');
  expect(undescribed(describedRecipe(recipeJsonSchema(), await readFile(source, 'utf8')))).toEqual([]);
});

/** Paths of keys without a description; those that are refused with advice (`not`) need none. */
function undescribed(schema: unknown, prefix = ''): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((own) => undescribed(own, prefix));
  const { properties, items, anyOf } = form.parse(schema);
  return [
    ...Object.entries(properties).flatMap(([key, value]) => [
      ...('description' in value || 'not' in value ? [] : [`${prefix}${key}`]),
      ...undescribed(value, `${prefix}${key}.`),
    ]),
    ...(items === undefined ? [] : undescribed(items, `${prefix}[].`)),
    ...undescribed(anyOf, prefix),
  ];
}
const form = z.looseObject({
  properties: z.record(z.string(), z.looseObject({})).default({}),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).default([]),
});
