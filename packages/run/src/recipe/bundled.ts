// The recipes that come with the command, by name.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../recipes/', import.meta.url));
const ending = '.yaml';

/** Path of the JSON Schema of recipes, for editors. */
export const recipeSchemaFile = fileURLToPath(new URL('../../recipe.schema.json', import.meta.url));

/** Path of a bundled recipe. */
export function bundledRecipe(name: string): string | undefined {
  if (!/^[\w.-]+$/.test(name)) return undefined;
  const path = join(folder, `${name}${ending}`);
  return existsSync(path) ? path : undefined;
}

/** Names of all bundled recipes, sorted. */
export function bundledRecipes(): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.map((name) => name.slice(0, -ending.length)).toSorted();
}
