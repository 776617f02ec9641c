// What other packages may import of the command: the form of its recipes.
import { z } from 'zod';
import { recipeSchema } from './recipe/schema.js';

export { recipeSchema, type Recipe, type RecipeInput } from './recipe/schema.js';

/** The JSON Schema of a recipe as a person writes it, for editors; `recipe.schema.json` is this, with the comments of core's schema of a step. */
export function recipeJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(recipeSchema, { io: 'input', unrepresentable: 'any' }), title: 'Recipe of Espalier' };
}
