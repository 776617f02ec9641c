// The recipe that `espalier init` writes: it is read as it is, and with everything in it that is offered.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readRecipe, recipeSchemaFile, textsOf } from '@espalier/run';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { runCaptured } from '../testing/cli-run.js';
import { schemaPlace } from './init.js';

let folder: string;
let text: string;
const file = () => join(folder, 'recipe.yaml');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-init-'));
  const { code } = await runCaptured('init', '--yes', '-m', 'my llama', '-d', 'a: "b".txt', '-t', '40%', '-o', file());
  expect(code).toBe(0);
  text = await readFile(file(), 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Everything that is commented out but prose, which has one space after its #. */
const uncommented = (own: string): string => own.replaceAll(/^( *)#(?! \S)/gm, '$1');

test('it is read, and says what was asked for', async () => {
  const { recipe } = await readRecipe(file());
  expect(recipe.model).toContain('my llama');
  expect(textsOf(recipe.data)[0]?.source).toContain('a: "b".txt');
  expect(recipe.steps.map(({ target }) => target)).toEqual(['40%']);
});

test.each([
  ['my llama', '40%', 'my-llama-40pct', '40pct'],
  ['Qwen/Qwen2.5-0.5B', '4B', 'Qwen2.5-0.5B-4B', '4B'],
  ['./models/a/', 'hidden=48, ffn=96', 'a-hidden-48-ffn-96', 'hidden-48-ffn-96'],
  ['тест', '7.8B..8.5B', 'model-7.8B..8.5B', '7.8B..8.5B'],
])('a recipe for %s and %s is called %s, and is valid', async (model, target, name, step) => {
  const { code } = await runCaptured('init', '--yes', '-m', model, '-t', target, '-o', join(folder, `${name}.yaml`));
  expect(code).toBe(0);
  const { recipe } = await readRecipe(join(folder, `${name}.yaml`));
  expect(recipe).toMatchObject({ name, steps: [{ name: step }], export: { folder: join(folder, name) } });
});

test('with every line in use it is read too, and the defaults in it are those of a recipe without', async () => {
  const all = uncommented(text);
  expect(all).not.toBe(text);
  await writeFile(join(folder, 'all.yaml'), all);
  const { recipe } = await readRecipe(join(folder, 'all.yaml'));
  const { recipe: own } = await readRecipe(file());
  expect(recipe.evaluation.evaluators).toEqual(own.evaluation.evaluators);
  expect(recipe.checkpoints).toEqual({ ...own.checkpoints, everySteps: 1000 });
  expect(recipe.steps[0]).toMatchObject({ ...own.steps[0], distillation: {}, importance: {} });
  expect(recipe.steps[0]?.distillation).toMatchObject(own.steps[0]?.distillation ?? { missing: true });
});

test('it has every key of a recipe but those that take the place of others', () => {
  const schema = z.looseObject({ properties: z.record(z.string(), z.unknown()) });
  const all = z.looseObject({}).parse(parse(uncommented(text)));
  return readFile(recipeSchemaFile, 'utf8').then((json) => {
    const keys = Object.keys(schema.parse(JSON.parse(json)).properties);
    expect(keys.filter((key) => !(key in all))).toEqual(['$schema', 'pretraining']);
  });
});

test('its first line leads an editor to the schema, as it is installed', () => {
  const [, place = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text.split('\n')[0] ?? '') ?? [];
  expect(fileURLToPath(place)).toBe(recipeSchemaFile);
  const installed = ['', 'home', 'me', 'project', 'node_modules', '@espalier', 'run', 'recipe.schema.json'].join(sep);
  const recipe = (...below: readonly string[]) => ['', 'home', 'me', ...below].join(sep);
  expect(schemaPlace(installed, recipe('project', 'r.yaml'))).toBe('./node_modules/@espalier/run/recipe.schema.json');
  expect(schemaPlace(installed, recipe('project', 'a', 'r.yaml'))).toBe(
    '../node_modules/@espalier/run/recipe.schema.json',
  );
  expect(schemaPlace(installed, recipe('projects', 'r.yaml'))).toBe(pathToFileURL(installed).href);
});
