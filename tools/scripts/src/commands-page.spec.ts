// docs/commands.md against the verbs it is about.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { commonGroup, exitCodeReferences, verbReferences } from '@espalier/cli';
import { expect, test } from 'vitest';
import { commandsPage } from './commands-page.js';

const page = await readFile(path.resolve(import.meta.dirname, '../../../docs/commands.md'), 'utf8');
const sections = new Map(page.split(/^## /m).map((text) => [text.slice(0, text.indexOf('\n')), text]));

test.each(verbReferences())('$name has a section with all its flags, examples and operands', (verb) => {
  const text = sections.get(verb.name) ?? '';
  expect(text).toContain('```sh\nespalier ');
  const begin = page.slice(0, page.indexOf('\n## '));
  const placeOf = ({ group }: (typeof verb.flags)[number]): string => (group === commonGroup ? begin : text);
  expect(verb.flags.filter((own) => !placeOf(own).includes(`| \`${own.flags}\` `))).toEqual([]);
  expect(verb.operands.filter(({ written }) => !text.includes(`| \`${written}\` `))).toEqual([]);
  expect(verb.examples.filter((line) => !text.includes(line))).toEqual([]);
});

test('every exit code has its row', () => {
  expect(exitCodeReferences().filter(([code]) => !new RegExp(`^\\| ${code} +\\|`, 'm').test(page))).toEqual([]);
});

test('a flag is shown with its choices, its default, or that it must be given', () => {
  const flag = {
    flags: '--hat <kind>',
    meaning: 'on | under <top>',
    choices: ['flat', 'round'],
    preset: 'flat',
    mandatory: false,
    group: 'Flags',
  };
  const must = { ...flag, flags: '--brim', choices: [], preset: undefined, mandatory: true };
  const verb = {
    name: 'wear',
    aliases: ['don'],
    group: 'Hats',
    summary: 'put on',
    examples: [],
    operands: [],
    json: '`hat`',
  };
  const text = commandsPage([{ ...verb, flags: [flag, must] }], [[3, 'lost']]);
  expect(text).toContain('| `--hat <kind>` | on \\| under &lt;top>: `flat`, `round` | `flat` |');
  expect(text).toContain('| `--brim` | on \\| under &lt;top> | required |');
  expect(text).toContain('Put on. Also `don`.\n\n```sh\nespalier wear\n```');
  expect(text).toContain('| 3 | lost |');
});
