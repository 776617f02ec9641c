// docs/recipe.md, from the JSON Schema of recipes: a section for every object, a row for every key.
import { at, tokens, type StrategyKind } from '@espalier/core';
import { z } from 'zod';
import { flow } from './recipe-example.js';
import { property, values } from './strategy-page.js';

const list = z.array(z.unknown());
const schema = property.extend({
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  anyOf: list.optional(),
  not: z.unknown().optional(),
  additionalProperties: z.union([z.boolean(), z.looseObject({ description: z.string().optional() })]).optional(),
  examples: list.default([]),
});
type Schema = z.infer<typeof schema>;

/** An object of the recipe, by the keys that lead to it; `[]` stands for every item of a list. */
interface Section {
  readonly path: readonly string[];
  readonly own: Schema;
}

/** Names of the bundled strategies by kind, in order, with the page of each as seen from docs/. */
export type StrategyNames = ReadonlyMap<StrategyKind, readonly (readonly [name: string, page: string])[]>;

/** Markdown of the page. */
export function recipePage(whole: unknown, names: StrategyNames): string {
  const root = schema.parse(whole);
  const sections = sectionsOf([], root);
  return [
    '# Recipe reference',
    '<!-- Made by `npm run docs` from packages/run/src/recipe/schema.ts and packages/run/src/steps; edit those. -->',
    'A recipe is a YAML or JSON file that says all that a run depends on. `espalier init` writes one with every key, `espalier plan -r recipe.yaml` says ' +
      'what it will do and cost, `espalier compress -r recipe.yaml` runs it. The smallest there is:',
    example([], { model: 'my-llama', data: 'corpus.txt', steps: [{ target: '50%' }] }),
    [
      '- A key that is not on this page is refused, with the nearest one.',
      '- Paths are seen from the folder of the recipe.',
      '- `${env:NAME}` in a text is the variable of that name; what it holds is used, and written nowhere.',
      '- Numbers may be written `1e8`. One value can be changed on the command line, with the same checks: `--set steps[0].distillation.tokens=1e8`.',
      '- Editors complete and check recipes by `recipe.schema.json` of `@espalier/run`: `espalier init` writes its place as the first line, where ' +
        'editors with the YAML language server look for it.',
    ].join('\n'),
    ...sections.map((own) => section(own, names)),
    '## Strategies',
    'A key whose value is a strategy takes its name, or its name with its options beside it: `losses: [forward-kl, { name: logits-mse, weight: 0.5 }]`. ' +
      'The pages linked above have the options of each; plugins bring more of every kind. Beside the options may stand:',
    besideTable(root),
    '',
  ].join('\n\n');
}

/** Every object below, itself first. */
function sectionsOf(path: readonly string[], own: Schema): readonly Section[] {
  return [
    { path, own },
    ...entries(own).flatMap(([key, value]) => {
      if (beside(value) !== undefined) return [];
      const object = objectIn(value);
      if (object !== undefined) {
        const properties = { ...listed(value)?.properties, ...object.properties };
        return sectionsOf([...path, key], { ...object, properties, ...described(value) });
      }
      const item = itemOf(value);
      const inner = item === undefined || beside(item) !== undefined ? undefined : objectIn(item);
      return inner === undefined ? [] : sectionsOf([...path, `${key}[]`], { ...inner, ...described(value) });
    }),
  ];
}

const described = ({ description, examples }: Schema) => ({ description, examples });
const itemOf = ({ items }: Schema): Schema | undefined => (items === undefined ? undefined : schema.parse(items));

/** Keys that may be written. */
function entries({ properties = {} }: Schema): readonly (readonly [string, Schema])[] {
  return Object.entries(properties)
    .map(([key, own]) => [key, schema.parse(own)] as const)
    .filter(([, { not }]) => not === undefined);
}

/** The object itself, or the one among alternatives. */
function objectIn(own: Schema): Schema | undefined {
  if (own.properties !== undefined) return own;
  for (const each of own.anyOf ?? []) {
    const found = objectIn(schema.parse(each));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The object that the list among alternatives is of. */
function listed(own: Schema): Schema | undefined {
  const items = (own.anyOf ?? []).map((each) => itemOf(schema.parse(each)));
  const item = items.find((each) => each !== undefined);
  return item === undefined ? undefined : objectIn(item);
}

/** Of a strategy, what stands beside its name and options. */
function beside(own: Schema): readonly (readonly [string, Schema])[] | undefined {
  const object = objectIn(own);
  const keys = object === undefined ? [] : entries(object);
  return keys.some(([key]) => key === 'name') && object?.properties?.['options'] !== undefined
    ? keys.filter(([key]) => key !== 'name')
    : undefined;
}

function section({ path, own }: Section, names: StrategyNames): string {
  const title = path.length === 0 ? 'Top level' : path.join('.').replaceAll('[].', '[0].');
  const rows = entries(own).map(([key, value]) => {
    const fallback = own.required.includes(key) ? 'required' : presetOf(value);
    return `| \`${key}\` | ${form([...path, key], value, names)} | ${fallback} | ${cell(value.description ?? '')} |`;
  });
  const { additionalProperties: more } = own;
  if (typeof more === 'object' && more.description !== undefined) rows.push(`| … | | – | ${cell(more.description)} |`);
  return [
    `## ${title.replace('[]', '')}`,
    ...(path.length === 0 || own.description === undefined ? [] : [sentence(own.description)]),
    ['| key | values | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    ...own.examples.map((each) => example(path, each)),
  ].join('\n\n');
}

/** What may be written there, in words. */
function form(path: readonly string[], own: Schema, names: StrategyNames): string {
  const item = itemOf(own);
  if (item !== undefined) {
    const inner = form(path, item, names);
    return inner.startsWith('[') ? `list of ${inner}` : `list: ${inner}`;
  }
  if (beside(own) !== undefined) return strategyForm(at(path, path.length - 1), names);
  const object = objectIn(own);
  const link = `[object](#${anchor(path)})`;
  if (object !== undefined && own.anyOf === undefined) return link;
  if (object !== undefined) return listed(own) === undefined ? `string or ${link}` : `string, ${link}, or list of both`;
  if (own.anyOf === undefined) return cell(values(own));
  return [...new Set(own.anyOf.map((each) => form(path, schema.parse(each), names)))].join(' or ');
}

function strategyForm(key: string, names: StrategyNames): string {
  const kind = (Object.keys(tokens) as StrategyKind[]).find((own) => [own, `${own}s`, `${own}es`].includes(key));
  if (kind === undefined) throw new Error(`"${key}" is called like no kind of strategy`);
  const known = (names.get(kind) ?? []).map(([name, page]) => `[\`${name}\`](${page})`);
  return `${kind}${known.length === 0 ? '' : `: ${known.join(', ')}`}`;
}

/** The heading of a section, as GitHub makes an anchor of it. */
const anchor = (path: readonly string[]): string =>
  path.join('.').replaceAll('[].', '0').replaceAll('[]', '').replaceAll('.', '').toLowerCase();

const empty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
const presetOf = ({ default: preset }: Schema): string =>
  preset === undefined || (empty(preset) && !Array.isArray(preset)) ? '–' : `\`${flow(short(preset))}\``;

/** A strategy with no options by its name alone. */
function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(short);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.entries(value).filter(([key, own]) => key !== 'weight' || own !== 1);
  return keys.length === 1 && keys[0]?.[0] === 'name' ? keys[0][1] : value;
}

/** The value where it stands in a recipe. */
function example(path: readonly string[], value: unknown): string {
  const lines: string[] = [];
  let indent = '';
  for (const key of path) {
    lines.push(`${indent}${key.replace('[]', '')}:`);
    indent += '  ';
    if (!key.endsWith('[]') || Array.isArray(value)) continue;
    lines.push(`${indent}- target: 50%`);
    indent += '  ';
  }
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (Array.isArray(value)) lines.push(...value.map((each) => `${indent}- ${flow(each)}`));
  else if (object.success)
    lines.push(...Object.entries(object.data).map(([key, each]) => `${indent}${key}: ${flow(each)}`));
  else lines.push(`${lines.pop() ?? ''} ${flow(value)}`);
  return `\`\`\`yaml\n${lines.join('\n')}\n\`\`\``;
}

function besideTable(root: Schema): string {
  const found = new Map<string, string>();
  const visit = (key: string, own: Schema): void => {
    const more = beside(own);
    if (more !== undefined)
      for (const [name, value] of more)
        found.set(
          name,
          `| \`${name}\` | \`${key}\` | ${form([name], value, new Map())} | ${cell(value.description ?? '')} |`,
        );
    else {
      const item = itemOf(own);
      if (item !== undefined) visit(key, item);
      for (const [name, value] of entries(objectIn(own) ?? own)) visit(name, value);
    }
  };
  visit('', root);
  return ['| key | of | values | meaning |', '| --- | --- | --- | --- |', ...found.values()].join('\n');
}

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
const sentence = (text: string): string => (/[.:]$/.test(text) ? text : `${text}.`);
