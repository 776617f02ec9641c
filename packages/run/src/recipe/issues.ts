// What is wrong with a recipe, in words: the place, what may stand there, and the nearest name to a misspelt one.
import { InputError, nearest, ownValue } from '@espalier/core';
import { z } from 'zod';
import { Reference } from '../secrets/references.js';
import { isValues } from './merge.js';
import type { ValuePath } from './source-text.js';

type Issue = z.core.$ZodIssue;

/** The first issue of a recipe as an error; `value` is what was read, `locate` gives file, line and column of a path. */
export function recipeError(
  error: z.ZodError,
  schema: z.ZodType,
  value: unknown,
  locate: (path: ValuePath) => string,
): InputError {
  const issue = clearest(error.issues);
  const path = (issue?.path ?? []).filter((part) => typeof part !== 'symbol');
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = keysAt(schema, path);
    const guess = nearest(key, known) ?? ownValue(meant, key.toLowerCase().replaceAll(/[_-]/g, ''));
    const place = path.length === 0 ? 'a recipe' : `"${shown(path)}"`;
    return new InputError(
      {
        asked: `read recipe ${locate([...path, key])}`,
        found: `"${key}" is not a key of ${place}`,
        fix: `${guess === undefined ? '' : `Perhaps "${guess}" was meant. `}Its keys are ${known.join(', ')}`,
      },
      { cause: error },
    );
  }
  const what = path.length === 0 ? 'the recipe' : `"${shown(path)}"`;
  const wanted = issue?.code === 'invalid_type' ? ownValue(kinds, issue.expected) : undefined;
  const own = valueAt(value, path);
  if (wanted !== undefined && own !== undefined) {
    const found = `${what} is ${inWords(own)}, and ${wanted[0]} is expected`;
    return new InputError({ asked: `read recipe ${locate(path)}`, found, fix: wanted[1] }, { cause: error });
  }
  return new InputError(
    {
      asked: `read recipe ${locate(path)}`,
      found: `${what}: ${lowerFirst(issue?.message ?? 'not valid')}`,
      fix: 'Correct it',
    },
    { cause: error },
  );
}

/** Kinds of values as the schemas call them: in words, and how they are written. */
const kinds: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  number: ['a number', 'Write it in digits, such as 500, 0.25 or 1e8'],
  int: ['a whole number', 'Write it in digits, such as 500 or 1e8'],
  boolean: ['true or false', 'Write true or false, without quotes'],
  string: ['text', 'Write text; what looks like a number needs quotes'],
  array: ['a list', 'Write [one, another], or a line with "- " for each'],
  object: ['a group of keys', 'Write { key: value }, or keys on lines of their own, two spaces further in'],
};

/** What stands at a place; `undefined` where nothing does. */
export function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>((own, part) => {
    if (Array.isArray(own)) return typeof part === 'number' ? (own[part] as unknown) : undefined;
    return isValues(own) && Object.hasOwn(own, part) ? own[part] : undefined;
  }, value);
}

/** A value in few words; a long one by its beginning, one of a variable as it is written. */
function inWords(value: unknown): string {
  if (value instanceof Reference) return value.written;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a group of keys';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

/** What other tools call things, by name without case, `_` and `-`. */
const meant: Readonly<Record<string, string>> = {
  lr: 'schedule (name cosine, option peak)',
  learningrate: 'schedule (name cosine, option peak)',
  minlr: 'schedule (name cosine, option minimum)',
  warmupsteps: 'schedule (name cosine, option warmup)',
  lrwarmupiters: 'schedule (name cosine, option warmup)',
  weightdecay: 'optimizer (name adamw, option weightDecay)',
  microbatchsize: 'batch',
  perdevicetrainbatchsize: 'batch',
  globalbatchsize: 'batch and accumulate (their product)',
  gradientaccumulationsteps: 'accumulate',
  seqlength: 'length',
  maxlength: 'length',
  trainiters: 'tokens (steps × batch × accumulate × length)',
  maxsteps: 'tokens (steps × batch × accumulate × length)',
  maxgradnorm: 'clipNorm',
  clipgrad: 'clipNorm',
  fp16: 'precision: float16',
  dtype: 'precision',
  mixedprecision: 'precision',
  resetattentionmask: 'crossDocumentAttention (false)',
  intradocumentmasking: 'crossDocumentAttention (false)',
  evalsteps: 'validateEvery',
  evalinterval: 'validateEvery',
  distillation: 'distillation',
  distil: 'distillation',
  distill: 'distillation',
  teacher: 'model',
  dataset: 'data',
};

/** Of a union, the branch that fits best: the one whose complaint lies deepest, or is not about the kind of value. */
function clearest(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): Issue | undefined {
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  const issue = unknown ?? issues[0];
  if (issue === undefined) return undefined;
  const path = [...prefix, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { ...issue, path };
  const branches = issue.errors.map((errors) => clearest(errors, path));
  const [deepest] = branches.toSorted((a, b) => depth(b) - depth(a));
  return deepest ?? { ...issue, path };
}

function depth(issue: Issue | undefined): number {
  if (issue === undefined) return -1;
  return 2 * issue.path.length + (issue.code === 'invalid_type' ? 0 : 1);
}

/** Keys that a schema allows at a path. */
function keysAt(schema: z.core.$ZodType, path: ValuePath): readonly string[] {
  const own = unwrap(schema);
  if (own instanceof z.ZodUnion) return own.options.flatMap((option) => keysAt(option, path));
  const [part, ...rest] = path;
  if (own instanceof z.ZodObject) {
    if (part === undefined) return Object.keys(own.shape).filter((key) => !key.startsWith('$'));
    const next = ownValue<z.core.$ZodType | undefined>(own.shape, String(part));
    return next === undefined ? [] : keysAt(next, rest);
  }
  if (own instanceof z.ZodArray && part !== undefined) return keysAt(own.element, rest);
  return [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

/** `steps[0].distillation`; numbers are 0-based. */
function shown(path: ValuePath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
