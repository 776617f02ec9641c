// `steps[0].distillation.tokens=1e8`: one value of a recipe, given beside it. The value is YAML, as in the recipe.
import { InputError, nearest } from '@espalier/core';
import type { Variables } from '../secrets/variables.js';
import { anchorPaths } from './anchor.js';
import { isValues } from './merge.js';
import { recipeSchema } from './schema.js';
import { readSource, type ValuePath } from './source-text.js';

/** A value and where it goes. */
export interface Assignment {
  /** Keys and 0-based numbers. */
  readonly path: ValuePath;
  readonly value: unknown;
  /** The place as it was written: `steps[0].distillation.tokens`. */
  readonly written: string;
}

const PLACE = /^[\w-]+(?:\[\d{1,6}\])*(?:\.[\w-]+(?:\[\d{1,6}\])*)*$/;

/** Reads one; paths in it are seen from `folder`. Throws `InputError` for what is no place with a value. */
export function readAssignment(text: string, folder: string, variables: Variables = process.env): Assignment {
  const asked = `set ${JSON.stringify(text)}`;
  const at = text.indexOf('=');
  const written = text.slice(0, Math.max(0, at)).trim();
  if (!PLACE.test(written)) {
    const found = at === -1 ? 'it has no "="' : `${JSON.stringify(written)} names no place in a recipe`;
    throw new InputError({
      asked,
      found,
      fix: 'Write PLACE=VALUE, such as steps[0].distillation.tokens=1e8; numbers count from 0',
    });
  }
  const right = respelt(written);
  if (right !== undefined)
    throw new InputError({
      asked,
      found: `${JSON.stringify(written)} names no place in a recipe`,
      fix: `Perhaps ${right} was meant; "espalier init" writes a recipe with every key`,
    });
  const path = [...written.matchAll(/\[(\d+)\]|[\w-]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
  if (path[0] === 'extends') {
    const found = 'the bases of a recipe are read before anything is set';
    throw new InputError({ asked, found, fix: 'Write "extends" into a recipe of your own and give that (--recipe)' });
  }
  const { value } = readSource(text.slice(at + 1), `--set ${written}`, variables);
  return { path, value: anchoredAt(path, value, folder), written };
}

/** The place as a recipe has it, where its first key is misspelt or not known: numbers of entries go in brackets. */
function respelt(written: string): string | undefined {
  const [, key = '', rest = ''] = /^([\w-]+)(.*)$/.exec(written) ?? [];
  const keys = Object.keys(recipeSchema.shape);
  if (keys.includes(key)) return undefined;
  const guess = nearest(key, keys);
  return guess === undefined ? undefined : `${guess}${bracketed(rest)}`;
}

/** `.0.x` as `[0].x`. */
function bracketed(place: string): string {
  return place.replaceAll(/\.(\d+)(?=[.[]|$)/g, '[$1]');
}

/** The value with its paths made absolute where its place holds paths. */
function anchoredAt(path: ValuePath, value: unknown, folder: string): unknown {
  const alone = path.reduceRight<unknown>((own, part) => (typeof part === 'number' ? [own] : { [part]: own }), value);
  return path.reduce<unknown>(
    (own, part) => {
      if (typeof part === 'number') return Array.isArray(own) ? (own[0] as unknown) : own;
      return isValues(own) ? own[part] : own;
    },
    anchorPaths(alone, folder),
  );
}

/** The recipe with the value in its place. Throws `InputError` where there is no such place. */
export function assign(recipe: unknown, { path, value, written }: Assignment): unknown {
  const within = (own: unknown, depth: number): unknown => {
    const part = path[depth];
    if (part === undefined) return value;
    const refuse = (found: string, fix: string): InputError =>
      new InputError({ asked: `set "${written}"`, found: `${shown(path.slice(0, depth))} ${found}`, fix });
    if (typeof part === 'number') {
      if (!Array.isArray(own)) throw refuse('is no list', 'Leave the number out');
      if (part >= own.length) throw refuse(`has ${own.length} entries, counted from 0`, 'Give a number below that');
      return own.map((each: unknown, index) => (index === part ? within(each, depth + 1) : each));
    }
    if (own !== undefined && own !== null && !isValues(own)) {
      const entry = /^\d+$/.test(part) ? bracketed(`.${path.slice(depth).join('.')}`) : '[0]';
      throw Array.isArray(own)
        ? refuse('is a list', `Say which entry in brackets, counted from 0: ${shown(path.slice(0, depth))}${entry}`)
        : refuse(`is ${JSON.stringify(own)}, which has no keys`, 'Set the whole in one: {key: value, key: value}');
    }
    const before: Readonly<Record<string, unknown>> = isValues(own) ? own : {};
    return { ...before, [part]: within(Object.hasOwn(before, part) ? before[part] : undefined, depth + 1) };
  };
  return within(recipe, 0);
}

function shown(path: ValuePath): string {
  if (path.length === 0) return 'the recipe';
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
