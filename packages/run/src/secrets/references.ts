// `${env:NAME}` in a recipe. What a variable holds is used, and never written: files and pages have the reference. Options of strategies
// keep it until the strategy is made; everything else is replaced when the recipe is read, and put back before it is written.
import { isAbsolute, join } from 'node:path';
import { InputError } from '@espalier/core';
import { parse } from 'yaml';
import { isSecretName, lookUp, type Variables } from './variables.js';

/** Keys and 0-based numbers that lead to a value. */
type Path = readonly (string | number)[];

/** Text with a variable in it, in place of which `value` is used. */
export class Reference {
  constructor(
    /** With `${env:NAME}`, as it is written into files. */
    readonly written: string,
    readonly value: unknown,
  ) {}
}

/** Where a recipe has text from variables instead of its own. */
export interface ReferencePlace {
  readonly path: Path;
  readonly written: string;
}

// `${value:NAME}` stands for a number or true where the variable holds one; `${env:NAME}` is text wherever it stands in quotes.
const pattern = /\$\{(env|value):([^}]*)\}/g;

/** Names of the variables that text, or anything within a value, refers to. */
export function variablesIn(value: unknown): readonly string[] {
  const names = new Set<string>();
  mapLeaves(value, (own) => {
    if (typeof own === 'string') for (const [, , name = ''] of own.matchAll(pattern)) names.add(name);
  });
  return [...names];
}

/** Text with its variables, or the text itself. `where` begins the message of one that is not set. Throws `InputError`. */
export function referenceIn(text: string, variables: Variables, where: string, plain = false): string | Reference {
  if (!text.includes('${')) return text;
  const value = text.replaceAll(pattern, (_all, _kind, name: string) => variable(name, variables, where));
  if (text.search(pattern) === -1) return text;
  const meant = plain || text.includes('${value:') ? scalar(value) : value;
  // Without its quotes the text no longer says that it is a number.
  const written = typeof meant === 'string' ? text : text.replaceAll('${env:', '${value:');
  return new Reference(written, meant);
}

function variable(name: string, variables: Variables, where: string): string {
  const value = lookUp(name, variables);
  if (value !== undefined) return value;
  const found = `the environment variable ${name === '' ? '(no name given)' : name} is not set`;
  throw new InputError({ asked: where, found, fix: 'Set it, or write the value into the recipe' });
}

function scalar(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' ? text : value;
  } catch {
    return text;
  }
}

/** A path as seen from a folder, where `change` makes the text absolute. */
export function anchored(own: unknown, folder: string, change: (text: string) => string): unknown {
  if (typeof own === 'string') return change(own);
  if (!(own instanceof Reference) || typeof own.value !== 'string') return own;
  const value = change(own.value);
  if (value === own.value || isAbsolute(own.value)) return own;
  return new Reference(join(folder, own.written), value);
}

/** Plain data with every text that refers to variables as a `Reference`. Throws `InputError` for one that is not set. */
export function referenced(value: unknown, variables: Variables, where: string): unknown {
  return mapLeaves(value, (own) => (typeof own === 'string' ? referenceIn(own, variables, where) : own));
}

/** Plain data with every reference as it is written: nothing of what variables hold. */
export function unresolved(value: unknown): unknown {
  return mapLeaves(value, (own) => (own instanceof Reference ? own.written : own));
}

/** Throws `InputError` for a secret in a place that is shown. */
export function checkPublic(path: Path, written: string): void {
  const name = variablesIn(written).find(isSecretName);
  if (name === undefined) return;
  throw new InputError({
    asked: `read "${path.join('.')}" of a recipe (${written})`,
    found: `the name of the variable ${name} says that it is secret, and what stands there goes into messages, tables and paths, and to the hub`,
    fix: 'Give the hub its token by HF_TOKEN alone; secrets of a plugin go into its options',
  });
}

/** What the references stand for, and where they stood; in options and the description they stay as they are written. Throws `InputError` for a secret anywhere else. */
export function settled(value: unknown): { readonly value: unknown; readonly places: readonly ReferencePlace[] } {
  const places: ReferencePlace[] = [];
  const plain = mapLeaves(value, (own, path) => {
    if (!(own instanceof Reference)) return own;
    if (isOption(value, path) || path.at(0) === 'description') return own.written;
    checkPublic(path, own.written);
    places.push({ path, written: own.written });
    return own.value;
  });
  return { value: plain, places };
}

/** Keys of a strategy or a text that are the recipe's own; all others are options. */
const recipeKeys: readonly unknown[] = ['name', 'source', 'weight', 'axes', 'at', 'revision', 'files'];

/** Whether a place lies in the options of a strategy or of a text: those stand beside its name. A step has a name too, and a target. */
function isOption(recipe: unknown, path: Path): boolean {
  let own = recipe;
  for (const [depth, key] of path.entries()) {
    if (typeof own !== 'object' || own === null) return false;
    const named = Object.hasOwn(own, 'source') || (Object.hasOwn(own, 'name') && !Object.hasOwn(own, 'target'));
    if (depth > 0 && !Array.isArray(own) && named && !recipeKeys.includes(key)) return true;
    own = Object.hasOwn(own, key) ? (own as Readonly<Record<string | number, unknown>>)[key] : undefined;
  }
  return false;
}

/** Options with what their references stand for: for the making of a strategy, and nothing else. Throws `InputError`. */
export function resolved(options: unknown, variables: Variables): unknown {
  const whole = referenced(options, variables, 'read the options of a strategy');
  return mapLeaves(whole, (own) => (own instanceof Reference ? own.value : own));
}

/** Plain data with the references back in their places: what may be written. */
export function withReferences(value: unknown, places: readonly ReferencePlace[]): unknown {
  return places.reduce((all, { path, written }) => replaced(all, path, written), value);
}

function replaced(value: unknown, [key, ...rest]: Path, written: string): unknown {
  if (key === undefined) return written;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return list.map((own, index) => (index === key ? replaced(own, rest, written) : own));
  }
  // A name alone has become a map with its defaults; as it was written, it becomes that again.
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, name === key ? replaced(own, rest, written) : own]),
  );
}

function mapLeaves(value: unknown, change: (own: unknown, path: Path) => unknown, path: Path = []): unknown {
  if (Array.isArray(value)) {
    // Token ids by the million are handed to evaluators.
    if (value.every((own) => typeof own === 'number')) return value;
    return value.map((own, index) => mapLeaves(own, change, [...path, index]));
  }
  if (typeof value !== 'object' || value === null || value instanceof Reference) return change(value, path);
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!isPlain) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, mapLeaves(own, change, [...path, name])]),
  );
}
