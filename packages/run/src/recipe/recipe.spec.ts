// Recipes as people write them, right and wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWorkbench } from '../engine/workbench.js';
import { bundledRecipes } from './bundled.js';
import { checkStrategies } from './check-strategies.js';
import { readRecipe, type ReadRecipe } from './read-recipe.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-recipe-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string, variables = {}, name = 'recipe.yaml'): Promise<ReadRecipe> {
  await writeFile(join(folder, name), text);
  const result = await readRecipe(join(folder, name), {}, variables);
  checkStrategies(result.recipe, createWorkbench({ seed: 1 }).container, result.locate);
  return result;
}

const minimal = 'model: some/model\ndata: tinytales\nsteps: [{ target: 50% }]\n';

test('what is not said has a default', async () => {
  const { recipe } = await read(minimal);
  expect(recipe).toMatchObject({
    name: 'run',
    seed: 1,
    backend: { name: 'ort' },
    data: { source: 'tinytales' },
  });
  expect(recipe.steps[0]).toMatchObject({
    from: 'previous',
    compare: [],
    importance: { samples: 1024, scorers: [{ name: 'activation' }, { name: 'block-influence' }] },
    distillation: { losses: [{ name: 'forward-kl', weight: 1 }], optimizer: { name: 'adamw' } },
  });
});

test('a backend is named with a device in one line', async () => {
  const { recipe } = await read(`${minimal}backend: tfjs:wasm\n`);
  expect(recipe.backend).toEqual({ name: 'tfjs', device: 'wasm' });
  await expect(read(`${minimal}backend: tjfs:wasm\n`)).rejects.toThrow(/recipe\.yaml:4.*Perhaps "tfjs" was meant/s);
  for (const device of ['cuda', 'gpu', 'webgpu'])
    await expect(read(`${minimal}backend: ${device}\n`)).rejects.toThrow(
      new RegExp(`known are ort, tfjs.*ort:${device} or tfjs:${device}.*"espalier devices" lists`),
    );
});

test('JSON is read as well', async () => {
  const text = JSON.stringify({ model: 'm', data: { source: 'x.jsonl', field: 'story' }, steps: [{ target: '4B' }] });
  expect((await read(text, {}, 'recipe.json')).recipe.data).toMatchObject({ source: 'x.jsonl', field: 'story' });
});

test.each(bundledRecipes())('the bundled recipe %s is right', async (name) => {
  const { recipe, locate } = await readRecipe(name);
  checkStrategies(recipe, createWorkbench({ seed: 1 }).container, locate);
  expect(recipe.name).toBe(name);
});

test('a base holds where the recipe says nothing; lists and strategies of another name are replaced whole', async () => {
  await writeFile(
    join(folder, 'base.yaml'),
    `${minimal}seed: 7\nbackend: { name: ort, threads: 1 }\nevaluation: { maxTokens: 64, evaluators: [cloze, perplexity, throughput] }\n`,
  );
  const { recipe } = await read(
    'extends: base.yaml\nevaluation: { evaluators: [throughput, perplexity] }\nsteps: [{ target: 40% }]\n',
  );
  expect(recipe).toMatchObject({ seed: 7, model: 'some/model', backend: { name: 'ort', threads: 1 } });
  expect(recipe.evaluation).toMatchObject({
    maxTokens: 64,
    evaluators: [{ name: 'throughput' }, { name: 'perplexity' }],
  });
  expect(recipe.steps.map(({ target }) => target)).toEqual(['40%']);
});

test('variables of the environment are replaced, as numbers where they stand without quotes', async () => {
  const text = minimal.replace('some/model', '"${env:TEACHER}-base"') + 'seed: ${env:SEED}\n';
  const { recipe } = await read(text, { TEACHER: 'x', SEED: '5' });
  expect(recipe).toMatchObject({ model: 'x-base', seed: 5 });
});

test('paths are seen from the folder of the file they stand in, where something is there', async () => {
  await writeFile(join(folder, 'corpus.txt'), 'text');
  const { recipe } = await read('model: m\ndata: corpus.txt\nexport: { folder: out }\nsteps: [{ target: 50% }]\n');
  expect(recipe).toMatchObject({
    model: 'm',
    data: { source: join(folder, 'corpus.txt') },
    export: { folder: join(folder, 'out') },
  });
});

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['no YAML', 'model: [', /recipe\.yaml:1:9: .*flow/i],
  ['a key twice', `${minimal}model: x\n`, /recipe\.yaml:4:1: Map keys must be unique/],
  ['no keys', 'just text', /it holds no keys/],
  [
    'a misspelt key',
    minimal.replace('data', 'dta'),
    /recipe\.yaml:2:1: "dta" is not a key of a recipe\. Perhaps "data" was meant\. Its keys are extends, name/,
  ],
  [
    'a misspelt key within',
    `${minimal}evaluation: { maxToken: 5 }`,
    /recipe\.yaml:4:15: "maxToken" is not a key of "evaluation"\. Perhaps "maxTokens"/,
  ],
  [
    'a misspelt key in a step',
    'model: m\ndata: d\nsteps:\n  - target: 50%\n    distillation:\n      tokns: 5\n',
    /recipe\.yaml:6:7: "tokns" is not a key of "steps\[0\]\.distillation"\. Perhaps "tokens"/,
  ],
  [
    'a key of Megatron',
    'model: m\ndata: d\nsteps:\n  - target: 50%\n    distillation: { micro_batch_size: 5 }\n',
    /"micro_batch_size" is not a key.*Perhaps "batch" was meant/,
  ],
  [
    'a missing key',
    'data: tinytales\nsteps: [{ target: 50% }]',
    /recipe\.yaml:1:1: "model": there is none, and no pretraining/,
  ],
  [
    'a number that is text',
    'model: m\ndata: d\nsteps: [{ target: 50%, distillation: { tokens: many } }]',
    /recipe\.yaml:3:40: "steps\[0\]\.distillation\.tokens" is "many", and a number is expected\. Write it in digits/,
  ],
  [
    'a model beside a pretraining',
    `${minimal}pretraining: { config: {}, tokens: 5 }\n`,
    /recipe\.yaml:4:1: "pretraining": there is a model as well/,
  ],
  [
    'a misspelt key of a pretraining',
    'data: d\npretraining: { config: {}, tokens: 5, weightDecay: 0.1 }',
    /recipe\.yaml:2:\d+: "weightDecay" is not a key.*Perhaps "optimizer \(name adamw, option weightDecay\)"/,
  ],
  ['no step', 'model: m\ndata: d\nsteps: []', /recipe\.yaml:3:1: "steps": there is none/],
  [
    'a strategy that is not known',
    minimal.replace('50%', '50%, pruner: widht'),
    /recipe\.yaml:3:\d+: use pruner "widht": known are width, depth.*Perhaps "width" was meant/,
  ],
  [
    'an option that is not known',
    minimal.replace('50%', '50%, distillation: { losses: [{ name: forward-kl, temprature: 2 }] }'),
    /recipe\.yaml:3:\d+: use loss "forward-kl".*"temprature" is not an option.*Perhaps "temperature"/,
  ],
  [
    'options under a key of their own',
    minimal.replace('50%', '50%, pruner: { name: depth, options: { contiguous: true } }'),
    /recipe\.yaml:3:\d+: .*write the options beside the name/,
  ],
  [
    'a variable that is not set',
    `${minimal}seed: \${env:NOT_SET_HERE}\n`,
    /recipe\.yaml:4:7: the environment variable NOT_SET_HERE is not set/,
  ],
  [
    'a base that is not there',
    `extends: nowhere.yaml\n${minimal}`,
    /recipe\.yaml:1:1: there is no file .*nowhere\.yaml.*bundled one: demo/,
  ],
  [
    'a base of another machine',
    `extends: https://host/base.yaml\n${minimal}`,
    /recipe\.yaml:1:1: "https:.*is not on this machine/,
  ],
  ['a base on a share', `extends: "//host/share/base.yaml"\n${minimal}`, /is not on this machine/],
  ['itself as its base', `extends: recipe.yaml\n${minimal}`, /it extends itself/],
];

test.each(wrong)('%s is refused with its place', async (_name, text, message) => {
  const attempt = read(text);
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(message);
});

test('an error in a base is placed in the base', async () => {
  await writeFile(join(folder, 'base.yaml'), `${minimal}seed: none\n`);
  await expect(read('extends: base.yaml\nname: mine\n')).rejects.toThrow(/base\.yaml:4:1: "seed"/);
});
