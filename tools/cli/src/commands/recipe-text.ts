// A recipe as text to edit, from the JSON Schema of recipes: what is chosen stands there, every other key is commented out at its
// default or an example, and what each means stands above it. Prose has one space after its #; what is commented out has none, or two and more.
import { stringify } from 'yaml';
import { z } from 'zod';

const list = z.array(z.unknown());
const form = z.looseObject({
  description: z.string().default(''),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  additionalProperties: z.union([z.boolean(), z.looseObject({ description: z.string().default('') })]).default(false),
  items: z.unknown().optional(),
  anyOf: list.default([]),
  default: z.unknown().optional(),
  examples: list.default([]),
});
type Form = z.infer<typeof form>;
const values = z.record(z.string(), z.unknown());
type Values = z.infer<typeof values>;

const WIDTH = 100;

/** Text of a recipe that says `chosen` and offers the rest of `schema`; `without` are keys of its first level that are left out. */
export function recipeText(schema: unknown, chosen: Values, without: readonly string[]): string {
  const keys = fieldsOf(form.parse(schema)).filter(([key]) => !without.includes(key));
  return `${keys.map(([key, own]) => keyLines(key, own, chosen[key], false).join('\n')).join('\n\n')}\n`;
}

/** What is said of a key, and the key with its value; commented out where there is none, unless all around it is (`all`). */
function keyLines(key: string, own: Form, value: unknown, all: boolean): readonly string[] {
  const lines = valueLines(key, own, value, all || value === undefined);
  const off = value === undefined && !all;
  return [...wrapped(own.description), ...(off ? lines.map((line) => `#${line}`) : lines)];
}

function valueLines(key: string, own: Form, value: unknown, all: boolean): readonly string[] {
  const item = own.items === undefined ? [] : fieldsOf(form.parse(own.items));
  if (Array.isArray(value) && item.length > 0)
    return [`${key}:`, ...value.flatMap((each) => itemLines(item, values.parse(each)))];
  const fields = fieldsOf(own);
  const object = values.safeParse(value ?? (own.anyOf.length === 0 ? {} : undefined));
  if (fields.length === 0 || !object.success) return [`${key}: ${flow(value ?? own.default ?? own.examples[0])}`];
  const inner = fields.flatMap(([name, each]) => keyLines(name, each, object.data[name], all));
  return [`${key}:`, ...[...inner, ...moreOf(own)].map((line) => `  ${line}`)];
}

/** An item of a list: its first key beside the dash, what is said of that behind it. */
function itemLines(fields: Fields, value: Values): readonly string[] {
  const [first, ...rest] = fields;
  if (first === undefined) return [];
  const [key, own] = first;
  return [
    `  - ${key}: ${flow(value[key])} # ${own.description}`,
    ...rest.flatMap(([name, each]) => keyLines(name, each, value[name], false)).map((line) => `    ${line}`),
  ];
}

type Fields = readonly (readonly [string, Form])[];

/** Keys of an object, or of the one among alternatives; a strategy is a value, not an object. */
function fieldsOf({ properties, anyOf }: Form): Fields {
  if (properties === undefined) {
    const found = anyOf.map((each) => fieldsOf(form.parse(each))).find((each) => each.length > 0);
    return found ?? [];
  }
  if ('name' in properties && 'options' in properties) return [];
  return Object.entries(properties)
    .filter(([, own]) => !('not' in own))
    .map(([key, own]) => [key, form.parse(own)] as const);
}

/** What is said of keys that are not listed. */
function moreOf({ additionalProperties: more, anyOf }: Form): readonly string[] {
  if (typeof more === 'object') return wrapped(more.description);
  return anyOf.flatMap((each) => moreOf(form.parse(each)));
}

/** In one line; a strategy without options by its name alone. */
function flow(value: unknown): string {
  if (typeof value === 'string' && /[\n\r]/.test(value)) return JSON.stringify(value);
  return stringify(short(value), { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(short);
  const object = values.safeParse(value);
  if (!object.success) return value;
  const { name, ...rest } = object.data;
  return typeof name === 'string' && Object.keys(rest).length === 0 ? name : value;
}

/** Prose as comments. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((own) => own !== '')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(`# ${word}`);
    else lines.splice(-1, 1, `${last} ${word}`);
  }
  return lines;
}
