// From the path or name of a recipe to a checked one: bases merged, variables looked up, strategies known and their options right.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError, readSmallText, type Json } from '@espalier/core';
import { z } from 'zod';
import { checkPublic, Reference, settled, unresolved, type ReferencePlace } from '../secrets/references.js';
import type { Variables } from '../secrets/variables.js';
import { anchorPaths } from './anchor.js';
import { assign, type Assignment } from './assignments.js';
import { bundledRecipe, bundledRecipes } from './bundled.js';
import { recipeError, valueAt } from './issues.js';
import { numberProblem } from './limits.js';
import { isValues, mergeOver } from './merge.js';
import { recipeSchema, type Recipe } from './schema.js';
import { readSource, type SourceText, type ValuePath } from './source-text.js';

/** A recipe that has been read. */
export interface ReadRecipe {
  readonly recipe: Recipe;
  /** Where it has what variables of the environment hold: to be written as references. */
  readonly references: readonly ReferencePlace[];
  /** Its file. */
  readonly file: string;
  /** File, line and column of a value. */
  locate(path: ValuePath): string;
}

/** Bytes of a recipe's file; the largest that we know have some thousand. */
export const RECIPE_LIMIT = 2 ** 18;

/** Settings that flags give in place of a recipe's. */
export type Overrides = Readonly<Record<string, unknown>>;

/**
 * Reads a recipe by path or by the name of a bundled one; `assignments` are made last. Throws `InputError` with file, line and column for everything that
 * is wrong with it; whether its strategies exist is `checkStrategies`' part.
 */
export async function readRecipe(
  name: string,
  overrides: Overrides = {},
  variables: Variables = process.env,
  assignments: readonly Assignment[] = [],
): Promise<ReadRecipe> {
  const file = findRecipe(name, process.cwd(), `read recipe "${name}"`);
  const sources = await readWithBases(file, variables, []);
  const merged = sources.map(({ value }) => value).reduceRight<unknown>(mergeOver, undefined);
  return { ...assigned(mergeOver(merged, overrides), assignments, (path) => locateIn(sources, path)), file };
}

/** What a recipe's file and its bases say, with references to variables as they are written, whether or not it is a whole recipe. Throws `InputError`. */
export async function readWritten(file: string, variables: Variables = process.env): Promise<Json> {
  const sources = await readWithBases(file, variables, []);
  const merged = sources.map(({ value }) => value).reduceRight<unknown>(mergeOver, undefined);
  return z.json().parse(unresolved(merged));
}

/** A recipe of values that stand in no file, `from` says where they do; `assignments` are made last. Throws `InputError`. */
export function assignedRecipe(
  values: unknown,
  assignments: readonly Assignment[],
  from: string,
): Pick<ReadRecipe, 'recipe' | 'references'> {
  const { recipe, references } = assigned(values, assignments, () => from);
  return { recipe, references };
}

function assigned(
  values: unknown,
  assignments: readonly Assignment[],
  locateOwn: (path: ValuePath) => string,
): Omit<ReadRecipe, 'file'> {
  const whole = assignments.reduce<unknown>(assign, values);
  const { value, places } = settled(whole);
  const locate = (path: ValuePath): string => {
    const isNew = valueAt(values, path) === undefined;
    const given = assignments.findLast((own) => begins(path, own.path) || (isNew && begins(own.path, path)));
    return given === undefined ? locateOwn(path) : `with --set ${given.written}`;
  };
  const parsed = recipeSchema.safeParse(value);
  if (!parsed.success) throw recipeError(parsed.error, recipeSchema, whole, locate);
  return { recipe: withinLimits(parsed.data, locate), references: places, locate };
}

/** Whether a path leads through another, or to it. */
function begins(path: ValuePath, other: ValuePath): boolean {
  return other.every((part, index) => part === path[index]);
}

/** A recipe that was made by flags or code. Throws `InputError`. */
export function parseRecipe(value: unknown, from: string): Recipe {
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) return withinLimits(parsed.data, () => from);
  throw recipeError(parsed.error, recipeSchema, value, () => from);
}

function withinLimits(recipe: Recipe, locate: (path: ValuePath) => string): Recipe {
  const problem = numberProblem(recipe);
  if (problem === undefined) return recipe;
  const { path, message } = problem;
  throw new InputError({
    asked: `read recipe ${locate(path)}`,
    found: `"${path.join('.')}": ${message}`,
    fix: 'Give a smaller number',
  });
}

function findRecipe(name: string, from: string, asked: string): string {
  const path = resolve(from, name);
  if (existsSync(path)) return path;
  const bundled = bundledRecipe(name);
  if (bundled !== undefined) return bundled;
  if (name === 'tinytales') {
    const found = 'that is the bundled model, and no recipe';
    throw new InputError({ asked, found, fix: 'Give it by --model tinytales; "espalier recipes" lists the recipes' });
  }
  const known = bundledRecipes().join(', ');
  throw new InputError({
    asked,
    found: `there is no file ${path}`,
    fix: `Give the path of a recipe, or the name of a bundled one: ${known}`,
  });
}

/** Throws `InputError` for a base that is not on this machine. */
function checkBase(name: string, asked: string): void {
  // A share of another machine would be told who asks (Windows); an address would be a path of that name here.
  if (!/^[a-z][a-z0-9+.-]+:\/|^[\\/]{2}|\0/i.test(name)) return;
  throw new InputError({
    asked,
    found: `${JSON.stringify(name)} is not on this machine`,
    fix: 'Recipes are files: fetch it and read it, then give its path',
  });
}

/** The text itself and then its bases, nearest first. */
async function readWithBases(
  file: string,
  variables: Variables,
  above: readonly string[],
): Promise<readonly SourceText[]> {
  const asked = `read recipe ${file}`;
  if (above.includes(file)) {
    const found = `it extends itself (${[...above.slice(above.indexOf(file)), file].join(' extends ')})`;
    throw new InputError({ asked, found, fix: 'Take one "extends" out' });
  }
  const text = await readSmallText(file, asked, RECIPE_LIMIT);
  const own = readSource(text, file, variables);
  if (!isValues(own.value)) {
    const found = 'it holds no keys';
    throw new InputError({
      asked,
      found,
      fix: 'Write model, data and steps; "espalier init" writes a recipe to begin with',
    });
  }
  const sources: SourceText[] = [{ ...own, value: anchorPaths(own.value, dirname(file)) }];
  for (const name of extended(own.value['extends'])) {
    const where = `read recipe ${own.locate(['extends'])}`;
    checkBase(name, where);
    const base = findRecipe(name, dirname(file), where);
    sources.push(...(await readWithBases(base, variables, [...above, file])));
  }
  return sources;
}

function extended(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value.toReversed() : [value];
  const texts = list.map((name) => {
    if (!(name instanceof Reference)) return name;
    checkPublic(['extends'], name.written);
    return name.value;
  });
  return texts.filter((name) => typeof name === 'string');
}

/** The place where a value stands in the first text that has it; else the nearest place in the recipe itself. */
function locateIn(sources: readonly SourceText[], path: ValuePath): string {
  const owner = sources.find((source) => source.has(path)) ?? sources[0];
  return owner?.locate(path) ?? '';
}
