// `espalier init`: a commented recipe to begin with, after a few questions or none.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pathToFileURL } from 'node:url';
import { InputError, parseTarget } from '@espalier/core';
import { z } from 'zod';
import { expandTarget, parseRecipe, recipeSchemaFile, writeTextFile } from '@espalier/run';
import { parse } from 'yaml';
import { noteLines } from '../terminal/notes.js';
import { printJson, printLines } from '../terminal/print.js';
import { nameOf } from './run-flags.js';
import { recipeText } from './recipe-text.js';

const schema = z.object({
  model: z.string().optional(),
  data: z.string().optional(),
  target: z.string().optional(),
  out: z.string(),
  yes: z.boolean(),
  overwrite: z.boolean(),
  json: z.boolean(),
});

const defaults = { model: 'tinytales', data: 'teacher', target: '50%' } as const;
const questions = {
  model: 'Which model: a folder, a name on the hub (OWNER/NAME), or tinytales',
  data: 'Which text: a file, hub:OWNER/NAME, tinytales, or teacher (the model writes its own)',
  target: 'How small: 50%, 4B, or a shape such as hidden=3072,ffn=9216',
} as const;

/** Runs the verb with the flags that commander has parsed. */
export async function initCommand(given: unknown): Promise<void> {
  const { out, yes, overwrite, json, ...flags } = schema.parse(given);
  if (existsSync(out) && !overwrite) {
    const found = 'the file is there already';
    throw new InputError({
      asked: `write recipe "${out}"`,
      found,
      fix: 'Give another name (--out), or replace it (--overwrite)',
    });
  }
  const ask = !yes && process.stdin.isTTY;
  const answers = await answered(flags, ask);
  parseTarget(expandTarget(answers.target));
  const text = await textOf(answers, out);
  parseRecipe(parse(text), out);
  await writeTextFile(out, text);
  if (json) return printJson({ recipe: out, ...answers });
  printLines(out);
  noteLines('', `Next: espalier plan --recipe ${out}`, `      espalier compress --recipe ${out}`);
}

type Answers = Readonly<Record<keyof typeof defaults, string>>;
type Given = Readonly<Partial<Record<keyof typeof defaults, string | undefined>>>;

async function answered(flags: Given, ask: boolean): Promise<Answers> {
  const terminal = ask ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
  const answer = async (name: keyof Answers): Promise<string> => {
    const own = flags[name] ?? (await terminal?.question(`${questions[name]} [${defaults[name]}]: `))?.trim();
    return own === undefined || own === '' ? defaults[name] : own;
  };
  try {
    return { model: await answer('model'), data: await answer('data'), target: await answer('target') };
  } finally {
    terminal?.close();
  }
}

/** The recipe that is begun with; all else is offered. */
async function textOf({ model, data, target }: Answers, out: string): Promise<string> {
  const schema: unknown = JSON.parse(await readFile(recipeSchemaFile, 'utf8'));
  const small = slug(target);
  const name = nameOf(`${slug(nameOf(model)) || 'model'}-${small}`);
  const step = {
    name: small,
    target,
    importance: { samples: 256 },
    pruner: 'joint',
    distillation: { losses: ['forward-kl'] },
    compare: ['lm-loss'],
  };
  const chosen = {
    name,
    model,
    data: { source: data },
    steps: [step],
    export: { folder: `./${name}` },
  };
  const lines = [
    `# yaml-language-server: $schema=${schemaPlace(recipeSchemaFile, out)}`,
    '# A recipe for espalier. "espalier plan -r FILE" says what it will cost, "espalier compress -r FILE" runs it.',
    '# Every key is here: those with # before them have the value shown when they are not given, or show an example where nothing is the default.',
    '# "espalier plugins" lists every strategy with its options, which stand beside its name: { name: cosine, peak: 2e-4 }.',
  ];
  // A model made from random weights takes the place of `model`.
  return `${lines.join('\n')}\n\n${recipeText(schema, chosen, ['$schema', 'pretraining'])}`;
}

/** A target as part of a name: `50pct`, `hidden-48-ffn-96`. */
function slug(target: string): string {
  const words = target
    .replaceAll('%', 'pct')
    .replaceAll(/[^\w.]+/g, '-')
    .slice(0, 40);
  return words.replaceAll(/^[-.]+|[-.]+$/g, '');
}

/**
 * Where editors find the schema: as seen from the recipe where both are in one project, so that it holds on other machines; else its
 * address in this one.
 */
export function schemaPlace(schemaFile: string, recipeFile: string): string {
  const folder = dirname(resolve(recipeFile));
  const [project, ...inside] = schemaFile.split(`${sep}node_modules${sep}`);
  const within = project !== undefined && inside.length > 0 && `${folder}${sep}`.startsWith(`${project}${sep}`);
  if (!within) return pathToFileURL(schemaFile).href;
  const place = relative(folder, schemaFile).split(sep).join('/');
  return place.startsWith('.') ? place : `./${place}`;
}
