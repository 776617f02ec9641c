// The form of recipes, for editors.
import { z } from 'zod';
import { recipeSchema } from './schema.js';

/** The JSON Schema of a recipe as a person writes it; `recipe.schema.json` is this, with the comments of the schema of a step. */
export function recipeJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(recipeSchema, { io: 'input', unrepresentable: 'any' }), title: 'Recipe of Espalier' };
}
