// `pretrain` from end to end on a tiny shape, and what it refuses before it trains.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ortBackend } from '@espalier/backend-ort';
import {
  documentIds,
  encodeDocument,
  holdBack,
  initialise,
  loadModel,
  openTokenizer,
  packed,
  passes,
  random,
  trainModel,
  weightSpecs,
} from '@espalier/core';
import { adamw, cosine, crossEntropyLoss, llama } from '@espalier/plugins';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, lines, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

const run = (): string => join(bench.folder, 'run');

interface Changed {
  readonly config?: object;
  readonly out?: string;
  readonly [key: string]: unknown;
}

async function pretrain(
  pretraining: object = {},
  { config = {}, out = join(bench.folder, 'out'), ...recipe }: Changed = {},
): Promise<Outcome> {
  const own = JSON.parse(await readFile(join(bench.model, 'config.json'), 'utf8')) as object;
  const path = join(bench.folder, 'recipe.json');
  const usual = { tokenizer: bench.model, tokens: 256, length: 16, batch: 4 };
  const whole = { ...usual, config: { ...own, ...config }, ...pretraining };
  await writeFile(path, JSON.stringify({ data: bench.text, pretraining: whole, ...recipe }));
  return runCaptured('pretrain', '--recipe', path, '--run', run(), '--out', out, '--json');
}

test('what is held out is evaluated on, each different document once', async () => {
  const { code, stdout, stderr } = await pretrain();
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rows: [{ name: 'pretrained', trainingTokens: 256 }] });
  const results = await readFile(join(run(), 'stages/pretrained/evaluate/evaluation.json'), 'utf8');
  const evaluation = JSON.parse(results) as { perplexity: { tokens: number } };
  const tokenizer = await openTokenizer(bench.model);
  const { heldOut } = holdBack(lines.map((own) => encodeDocument(tokenizer, own)));
  const predicted = heldOut.map((own) => Math.min(own.length - 1, 16)); // the recipe's length
  expect(evaluation.perplexity.tokens).toBe(predicted.reduce((a, b) => a + b));
});

test.each([
  ['a length past the context', { length: 300 }, {}, /sequences of 300 tokens.*its context is 256 tokens/],
  [
    'a tokenizer larger than the vocabulary',
    {},
    { config: { vocab_size: 16 } },
    /tokenizer has \d+ tokens, and vocab_size is 16/,
  ],
  ['a family that is not known', {}, { config: { model_type: 'lstm' } }, /model_type "lstm".*Known are llama/],
  ['text of a teacher', {}, { data: 'teacher' }, /no teacher to write text/],
  ['a model beside it', {}, { model: 'tinytales' }, /"pretraining": there is a model as well/],
  ['a recipe with steps', {}, { steps: [{ target: '50%' }] }, /has steps after its pretraining.*espalier compress/],
])('%s is refused, and nothing is written', async (_name, pretraining, recipe, found) => {
  const { code, stderr } = await pretrain(pretraining, recipe);
  expect(stderr).toMatch(found);
  expect(code).toBe(2);
  expect(await readdir(bench.folder)).toEqual(['model', 'recipe.json', 'text.txt']);
});

test('the model is the same as the one that trainModel makes of equal random weights', async () => {
  expect(await pretrain()).toMatchObject({ code: 0 });
  const tools = { signal: new AbortController().signal, report: () => undefined };
  const { model, close } = await loadModel(join(bench.folder, 'out'), [llama()]);
  const { training } = holdBack(lines.map((own) => encodeDocument(model.tokenizer, own)));
  const { eos } = model.tokenizer;
  const documents = function* () {
    for (const own of passes(training, random(1).fork('pretraining')))
      yield eos === undefined ? own : [...documentIds(own), eos];
  };
  const options = {
    losses: [{ term: crossEntropyLoss(), weight: 1 }],
    optimizer: adamw(),
    schedule: cosine({ peak: 0.005, warmup: 20 }),
    tokens: 256,
    batch: 4,
    length: 16,
    data: packed(documents(), { batch: 4, length: 16 }),
  };
  const beginning = initialise(model, random(1).fork('weights'));
  const context = { backend: ortBackend(), random: random(1) };
  const again = await trainModel(beginning, undefined, options, context, tools);
  for (const { name } of weightSpecs(model))
    expect(await model.weights.read(name), name).toEqual(await again.model.weights.read(name));
  await close();
});

test('steps after a pretraining cut and distil what it has made', async () => {
  await pretrain();
  const path = join(bench.folder, 'recipe.json');
  const recipe = JSON.parse(await readFile(path, 'utf8')) as object;
  const size = { batch: 4, length: 16 };
  const step = {
    name: 'half',
    target: '70%',
    importance: { samples: 8, ...size },
    distillation: { tokens: 128, ...size },
  };
  await writeFile(path, JSON.stringify({ ...recipe, steps: [step] }));
  const both = join(bench.folder, 'both');
  const { code, stdout, stderr } = await runCaptured('compress', '--recipe', path, '--run', both, '--json');
  expect(code, stderr).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: { name: string }[] };
  expect(rows.map(({ name }) => name)).toEqual(['pretrained', 'half/pruned', 'half/distilled']);
  const student = 'stages/pretrained/pretrain/student/model.safetensors';
  expect(await readFile(join(both, student))).toEqual(await readFile(join(run(), student)));
});

test('an output folder that holds something else is refused before the training', async () => {
  const occupied = join(bench.folder, 'occupied');
  await mkdir(occupied);
  await writeFile(join(occupied, 'notes.txt'), 'mine');
  const { code, stderr } = await pretrain({ tokens: 1e9 }, { out: occupied });
  expect(stderr).toMatch(/there already/);
  expect(code).toBe(2);
});
