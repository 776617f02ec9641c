// Variables of the environment in recipes: used where they are needed, written as references everywhere.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, InputError, createStrategy, strategy } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readRecord, recordNames, storedRecipe, writeRecord } from '../engine/run-record.js';
import type { NamedStrategy } from '../steps/named-strategy.js';
import { createWorkbench } from '../engine/workbench.js';
import { parseRecipe, readRecipe } from '../recipe/read-recipe.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-references-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const variables = {
  KEY: 'planted-key',
  PIN: '73519',
  ON: 'true',
  MODEL: 'planted-model',
  SOURCE: 'planted-source',
  BACKEND: 'tfjs:wasm',
  LOSS: 'forward-kl',
  TOKENS: '424242',
  BASE: 'base.yaml',
};
const text = `
extends: "\${env:BASE}"
description: "told \${env:KEY} and \${env:PIN}"
model: "m-\${env:MODEL}"
data: \${env:SOURCE}
backend: \${env:BACKEND}
subscribers:
  - name: tell
    key: "Bearer \${env:KEY}"
    pin: \${env:PIN}
    text: "\${env:PIN}"
    on: \${env:ON}
    list: ["\${env:KEY}"]
steps:
  - target: 50%
    distillation:
      tokens: \${env:TOKENS}
      losses: ["\${env:LOSS}"]
`;

async function read() {
  await writeFile(join(folder, 'base.yaml'), 'name: "${env:MODEL}"\nseed: ${env:TOKENS}\n');
  await writeFile(join(folder, 'recipe.yaml'), text);
  return readRecipe(join(folder, 'recipe.yaml'), {}, variables);
}

test('values are used where the form of a recipe asks for them, and options keep their references', async () => {
  const { recipe } = await read();
  expect(recipe).toMatchObject({
    name: 'planted-model',
    seed: 424242,
    model: 'm-planted-model',
    data: { source: 'planted-source' },
    backend: { name: 'tfjs', device: 'wasm' },
    description: 'told ${env:KEY} and ${env:PIN}',
    subscribers: [{ key: 'Bearer ${env:KEY}', pin: '${value:PIN}', text: '${env:PIN}', on: '${value:ON}' }],
    steps: [{ distillation: { tokens: 424242, losses: [{ name: 'forward-kl' }] } }],
  });
});

test('what is written has no value of a variable, is read back as the same recipe, and its digest does not know the values', async () => {
  const { recipe, references } = await read();
  const stored = storedRecipe(recipe, references);
  for (const value of Object.values(variables))
    expect(JSON.stringify(stored).replace('"base.yaml"', '')).not.toContain(`${value}"`);
  const record = {
    command: 'c',
    started: 's',
    recipeFile: null,
    recipeFileHash: null,
    versions: {},
    cores: 1,
    model: { folder, hash: 'h', files: {} },
    data: null,
    continued: [],
  };
  await writeRecord(folder, stored, record);
  const back = await readRecord(folder, variables);
  expect(back.recipe).toEqual({ ...recipe, extends: back.recipe.extends });
  const renewed = await readRecord(folder, { ...variables, KEY: 'another', TOKENS: '7' });
  expect(renewed.record.recipeHash).toBe(back.record.recipeHash);
  expect(renewed.recipe.seed).toBe(7);
  const { KEY: _gone, ...others } = variables;
  await expect(readRecord(folder, others)).rejects.toThrow(/recipe of run.*environment variable KEY is not set/);
  expect(recordNames.recipe).toBe('recipe.json');
});

const optionsOf = ({ name: _name, ...options }: NamedStrategy): unknown => options;

test('a strategy is made with what its options refer to, numbers and texts apart', async () => {
  const { recipe } = await read();
  const got: unknown[] = [];
  const options = z.looseObject({});
  const tell = strategy('subscriber', {
    name: 'tell',
    summary: '',
    options,
    create: (own) => (got.push(own), { listen: (events) => events }),
  });
  const plugins = [definePlugin({ name: 'tells', provides: [tell] })];
  const { container } = createWorkbench({ seed: 1, plugins, variables });
  createStrategy(container, 'subscriber', 'tell', optionsOf(recipe.subscribers[0] ?? { name: 'none' }));
  expect(got).toEqual([{ key: 'Bearer planted-key', pin: 73519, text: '73519', on: true, list: ['planted-key'] }]);
});

test('an error of a strategy does not tell the values that it was made with', () => {
  const tell = strategy('subscriber', {
    name: 'tell',
    summary: '',
    options: z.looseObject({ key: z.string() }),
    create: ({ key }) => {
      throw new InputError({ asked: `log in with ${key}`, found: `"${key}" is refused`, fix: 'x' });
    },
  });
  const plugins = [definePlugin({ name: 'tells', provides: [tell] })];
  const { container } = createWorkbench({ seed: 1, plugins, variables });
  const make = (): unknown => createStrategy(container, 'subscriber', 'tell', { key: '${env:KEY}' });
  expect(make).toThrow('log in with ${env:KEY}');
  expect(make).not.toThrow('planted-key');
});

test.each([
  'model: o/${env:HF_TOKEN}\ndata: d',
  'model: m\ndata: hub:o/${env:MY_SECRET}',
  'model: m\ndata: d\nrevision: "${value:API_KEY}"',
  'model: m\ndata: d\nname: "${env:API_KEY}"',
  'model: m\ndata: d\nextends: "${env:MY_SECRET}"',
  'model: m\ndata: d\nexport: { folder: "out/${env:MY_SECRET}" }',
])('a recipe that would send a secret to the hub as a name, or make a path of it, is refused: %j', async (start) => {
  await writeFile(join(folder, 'recipe.yaml'), `${start}\nsteps: [{ target: 50% }]\n`);
  const secret = { HF_TOKEN: 'planted', MY_SECRET: 'planted', API_KEY: 'planted' };
  const attempt = readRecipe(join(folder, 'recipe.yaml'), {}, secret);
  await expect(attempt).rejects.toThrow(/says that it is secret/);
  await expect(attempt).rejects.not.toThrow(/planted/);
});

test('a path among options is made of no secret, whatever else is', async () => {
  const variables = { HF_TOKEN: 'hf_planted', PLACE: folder };
  const { container } = createWorkbench({ seed: 1, variables });
  const make = (path: string): unknown => createStrategy(container, 'subscriber', 'tensorboard', { folder: path });
  expect(() => make('./curves/${env:HF_TOKEN}')).toThrow(/says that it is secret/);
  expect(() => make('./curves/${env:HF_TOKEN}')).not.toThrow(/planted/);
  expect(make('${env:PLACE}/curves')).toBeDefined();
  expect(await readdir(folder)).not.toContain('curves');
});

test('only variables that are there are found', () => {
  const recipe = { model: 'm', data: 'd', steps: [{ target: '50%' }] };
  expect(parseRecipe(recipe, '').model).toBe('m');
  const { container } = createWorkbench({ seed: 1, variables: {} });
  for (const name of ['constructor', '__proto__', 'NOT_SET', ''])
    expect(() => createStrategy(container, 'loss', 'forward-kl', { temperature: `\${env:${name}}` })).toThrow(
      /is not set/,
    );
});
