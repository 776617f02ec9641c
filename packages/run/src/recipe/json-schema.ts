// The form of recipes, for editors.
import { z } from 'zod';
import { recipeSchema } from './schema.js';

/** The JSON Schema of a recipe as a person writes it; `recipe.schema.json` is this, with the comments of the schema of a step. */
export function recipeJsonSchema(): Readonly<Record<string, unknown>> {
  const form = z.toJSONSchema(recipeSchema, { io: 'input', unrepresentable: 'any', override: kept });
  return { ...form, title: 'Recipe of Espalier' };
}

/** zod leaves examples and defaults out where a value is turned into another form when it is read; ours can be written as they are. */
function kept({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const examples = z.globalRegistry.get(zodSchema)?.['examples'];
  if (Array.isArray(examples)) jsonSchema.examples = examples;
  const { def } = zodSchema._zod;
  if (def.type === 'default') jsonSchema.default = def.defaultValue;
}
