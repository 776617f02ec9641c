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

test('every field of a step of a recipe is described, however deep', async () => {
  const source = path.resolve(import.meta.dirname, '../../../packages/run/src/steps/step-schema.ts');
  const schema = describedRecipe(recipeJsonSchema(), await readFile(source, 'utf8'));
  const form = z.looseObject({ properties: z.looseObject({ steps: z.looseObject({ items: z.unknown() }) }) });
  expect(undescribed(form.parse(schema).properties.steps.items)).toEqual([]);
});

/** Paths of fields without a description. */
function undescribed(schema: unknown, prefix = ''): readonly string[] {
  const form = z.looseObject({ properties: z.record(z.string(), z.looseObject({})).default({}) });
  return Object.entries(form.parse(schema).properties).flatMap(([key, value]) => [
    ...('description' in value ? [] : [`${prefix}${key}`]),
    ...undescribed(value, `${prefix}${key}.`),
  ]);
}
