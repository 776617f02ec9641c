// `espalier recipes`: the bundled ones, by name.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { InputError, nearest } from '@espalier/core';
import { bundledRecipe, bundledRecipes, writeTextFile } from '@espalier/run';
import { parse } from 'yaml';
import { z } from 'zod';
import { noteLines } from '../terminal/notes.js';
import { printJson, printLines, printText } from '../terminal/print.js';

const summary = z.looseObject({ description: z.string().default('') });

/** Lists names and what they are for. */
export async function listRecipes(given: unknown): Promise<void> {
  const { json } = z.object({ json: z.boolean() }).parse(given);
  const found = await Promise.all(
    bundledRecipes().map(async (name) => {
      const { text } = await textOf(name);
      return { name, description: summary.parse(parse(text)).description };
    }),
  );
  if (json) return printJson(found);
  const width = Math.max(...found.map(({ name }) => name.length));
  printLines(...found.map(({ name, description }) => `${name.padEnd(width)}  ${description}`.trimEnd()));
}

/** Prints one. */
export async function showRecipe(name: string, given: unknown): Promise<void> {
  const { json } = z.object({ json: z.boolean() }).parse(given);
  const { text } = await textOf(name);
  if (json) printJson({ name, recipe: parse(text) as unknown });
  else printText(text.trimEnd());
}

/** Writes one to a file. Throws `InputError` where there is one. */
export async function copyRecipe(name: string, file: string | undefined, given: unknown): Promise<void> {
  const { overwrite, json } = z.object({ overwrite: z.boolean(), json: z.boolean() }).parse(given);
  const { text } = await textOf(name);
  const place = file ?? `${name}.yaml`;
  if (existsSync(place) && !overwrite) {
    const fix = 'Give another name, or replace it (--overwrite)';
    throw new InputError({ asked: `copy recipe "${name}" to "${place}"`, found: 'the file is there already', fix });
  }
  await writeTextFile(place, text);
  if (json) return printJson({ recipe: place });
  printLines(place);
  noteLines('', `Next: espalier plan --recipe ${place}`);
}

async function textOf(name: string): Promise<{ readonly text: string }> {
  const path = bundledRecipe(name);
  if (path !== undefined) return { text: await readFile(path, 'utf8') };
  const guess = nearest(name, bundledRecipes());
  throw new InputError({
    asked: `find recipe "${name}"`,
    found: 'none of that name comes with the command',
    fix: `${guess === undefined ? '' : `Perhaps "${guess}" was meant. `}There are ${bundledRecipes().join(', ')}`,
  });
}
