// `pretrain` from end to end on a tiny shape, and what it refuses before it trains.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeDocument, holdBack, openTokenizer } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, lines, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

async function pretrain(recipe: object = {}, config: object = {}, out = join(bench.folder, 'out')): Promise<Outcome> {
  const own = JSON.parse(await readFile(join(bench.model, 'config.json'), 'utf8')) as object;
  const path = join(bench.folder, 'recipe.json');
  const usual = { tokenizer: bench.model, data: bench.text, tokens: 256, length: 16, batch: 4, learningRate: 0.001 };
  await writeFile(path, JSON.stringify({ ...usual, config: { ...own, ...config }, ...recipe }));
  return runCaptured('pretrain', '--recipe', path, '--out', out, '--json');
}

test('what is held out is evaluated on, each different document once', async () => {
  const { code, stdout, stderr } = await pretrain();
  expect(code, stderr).toBe(0);
  const { evaluation } = JSON.parse(stdout) as { evaluation: { perplexity: { tokens: number } } };
  const tokenizer = await openTokenizer(bench.model);
  const { heldOut } = holdBack(lines.map((own) => encodeDocument(tokenizer, own)));
  const predicted = heldOut.map((own) => Math.min(own.length - 1, 16)); // the recipe's length
  expect(evaluation.perplexity.tokens).toBe(predicted.reduce((a, b) => a + b));
});

test.each([
  ['a length past the context', { length: 300 }, {}, /length is 300, and the context of its config is 256/],
  ['a tokenizer larger than the vocabulary', {}, { vocab_size: 16 }, /tokenizer has \d+ tokens, and vocab_size is 16/],
  ['text of a teacher', { data: 'teacher' }, {}, /no teacher to write text/],
])('%s is refused', async (_name, recipe, config, found) => {
  const { code, stderr } = await pretrain(recipe, config);
  expect(stderr).toMatch(found);
  expect(code).toBe(2);
  expect(await readdir(bench.folder)).not.toContain('out');
});

test('an output folder that holds something else is refused before the training', async () => {
  const { code, stderr } = await pretrain({ tokens: 1e9 }, {}, bench.folder);
  expect(stderr).toMatch(/there already/);
  expect(code).toBe(2);
});
