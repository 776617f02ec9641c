// The page of one strategy, from what its code says: summary, docstrings, schema of its options, titles of its tests.
import ts from 'typescript';
import { z } from 'zod';
import type { StrategyDefinition } from '@espalier/core';
import { recipeExample } from './recipe-example.js';

/** The code of a strategy; paths from the repository root. */
export interface StrategySource {
  readonly file: string;
  readonly text: string;
  /** Spec beside it, if there is one. */
  readonly spec?: { readonly file: string; readonly text: string };
}

/** Markdown of the page; `up` leads from the page's folder to the repository root. */
export function strategyPage(definition: StrategyDefinition, source: StrategySource, up: string): string {
  const { kind, name, summary, plugin } = definition;
  const docs = exportedDocs(source.text);
  const titles = source.spec === undefined ? [] : testTitles(source.spec.text);
  const example = recipeExample(definition);
  const link = (file: string): string => `[${file}](${up}/${file})`;
  return [
    `# \`${name}\` (${kind})`,
    `<!-- Made by \`npm run docs\` from ${source.file}; edit that. -->`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...docs.map(({ text }) => text),
    '## Options',
    optionsTable(definition.options),
    ...(example === undefined ? [] : ['## In a recipe', `\`\`\`yaml\n${example}\n\`\`\``]),
    ...(titles.length === 0 ? [] : ['## What its tests say', titles.map((title) => `- ${title}`).join('\n')]),
    `From ${plugin ?? 'no plugin'}. Source: ${link(source.file)}${source.spec === undefined ? '' : `, tests: ${link(source.spec.file)}`}`,
    '',
  ].join('\n\n');
}

/** Docstrings of the exported functions and constants of a module, in order; types are left to the API pages. */
export function exportedDocs(code: string): readonly { readonly name: string; readonly text: string }[] {
  const file = ts.createSourceFile('module.ts', code, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement) => {
    const named = ts.isFunctionDeclaration(statement)
      ? [statement.name?.text]
      : ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.map((own) => own.name.getText(file))
        : [];
    const exported = ts.canHaveModifiers(statement)
      ? (ts.getModifiers(statement) ?? []).some((own) => own.kind === ts.SyntaxKind.ExportKeyword)
      : false;
    const [name] = named;
    const [comment] = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
    const text = ts.getTextOfJSDocComment(comment?.comment);
    return exported && name !== undefined && text !== undefined ? [{ name, text: text.replaceAll('<', '&lt;') }] : [];
  });
}

/** Titles of the tests of a spec that are plain sentences; those of tables have `%` in them and say less. */
export function testTitles(code: string): readonly string[] {
  const file = ts.createSourceFile('spec.ts', code, ts.ScriptTarget.Latest, true);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'test') {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return titles;
}

/** What is read of the JSON Schema of one option. */
export const property = z.object({
  type: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
});
const objectSchema = z.object({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([]),
});

/** The options of a strategy as a table. */
export function optionsTable(options: z.ZodType): string {
  const { properties, required } = objectSchema.parse(z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }));
  const rows = Object.entries(properties).map(([name, own]) => {
    const fallback = own.default === undefined ? (required.includes(name) ? 'required' : '–') : show(own.default);
    const meaning = (own.description ?? '').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
    return `| \`${name}\` | ${values(own)} | ${fallback} | ${meaning} |`;
  });
  if (rows.length === 0) return 'None.';
  return ['| option | values | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Type and bounds, or choices. */
export function values(own: z.infer<typeof property>): string {
  if (own.enum !== undefined) return own.enum.map(show).join(', ');
  if (own.const !== undefined) return show(own.const);
  const bounds = [
    own.exclusiveMinimum === undefined ? undefined : `> ${own.exclusiveMinimum}`,
    own.minimum === undefined || own.minimum === Number.MIN_SAFE_INTEGER ? undefined : `≥ ${own.minimum}`,
    own.exclusiveMaximum === undefined ? undefined : `< ${own.exclusiveMaximum}`,
    own.maximum === undefined || own.maximum === Number.MAX_SAFE_INTEGER ? undefined : `≤ ${own.maximum}`,
  ].filter((bound) => bound !== undefined);
  const type = typeof own.type === 'string' ? own.type : 'one of several';
  return [type, ...bounds].join(', ').replace('integer, > 0', 'integer, ≥ 1');
}

/** A value as code. */
export const show = (value: unknown): string => `\`${JSON.stringify(value)}\``;
