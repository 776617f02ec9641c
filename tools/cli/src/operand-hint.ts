// What may be meant by a word that no flag stands before.
import { bundledRecipe } from '@espalier/run';

/** A line for people whose command has a word too many. */
export function operandHint(argv: readonly string[]): string {
  const recipe = argv.slice(1).find((word) => bundledRecipe(word) !== undefined);
  if (recipe !== undefined) return `espalier: "${recipe}" is the name of a bundled recipe: give it by -r ${recipe}`;
  return 'espalier: a model is given by -m, a recipe by -r, a text by -d: espalier compress -m tinytales -d corpus.txt -t 50% -o smaller';
}
