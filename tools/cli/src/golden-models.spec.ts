// Models on ONNX Runtime against transformers (tools/oracle): logits of the fixtures; losses and text of a real model, which
// is not part of the repository.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import { createGenerator, createRunner, encodeDocument, evaluateModel, loadModel, random } from '@espalier/core';
import { expectClose, fixtureModel, modelLogits, unpack, type PackedTensor } from '@espalier/testing';
import { documentLosses, llama, perplexity } from '@espalier/plugins';
import { describe, expect, test } from 'vitest';

const fixtures = new URL('../../../packages/core/src/testing/fixtures/', import.meta.url);
const shared = new URL('../../../../shared/', import.meta.url);
const folder = fileURLToPath(new URL('models/stories260K', shared));
const stories = fileURLToPath(new URL('data/tinystories.txt', shared));
const context = { backend: ortBackend(), random: random(1) };
const tools = { report: () => undefined, signal: new AbortController().signal };

async function json<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(name, fixtures), 'utf8')) as T;
}

describe.each(['tiny-llama', 'tiny-llama-tied'])('%s on ONNX Runtime', (name) => {
  test.each(['config.json', 'config.v4.json'])('with %s gives the logits of transformers', async (config) => {
    const golden = await json<{ ids: number[][]; logits: PackedTensor }>(`${name}/golden.json`);
    const model = await fixtureModel(fileURLToPath(new URL(name, fixtures)), llama(), config);
    const actual = await modelLogits(model, golden.ids, context);
    const expected = unpack(golden.logits);
    expect(actual).toHaveLength(expected.length);
    const worst = actual.reduce((most, own, index) => Math.max(most, Math.abs(own - (expected[index] ?? NaN))), 0);
    expect(worst).toBeLessThan(1e-4);
  });
});

interface StoriesGolden {
  readonly loss: number;
  readonly tokensCounted: number;
  readonly rows: readonly { readonly line: number; readonly idSum: number; readonly loss: number }[];
}

describe.skipIf(!existsSync(folder) || !existsSync(stories))(
  'stories260K (only with ../shared/models/stories260K)',
  () => {
    test('has the losses of transformers, line by line and in the mean', async () => {
      const golden = await json<StoriesGolden>('stories260k.json');
      const loaded = await loadModel(folder, [llama()]);
      const { model } = loaded;
      try {
        const lines = (await readFile(stories, 'utf8')).split(/\r?\n/).filter((line) => line !== '');
        const documents = lines.map((line) => encodeDocument(model.tokenizer, line).slice(0, 257));
        const idSums = documents.map((ids) => ids.reduce((total, id, position) => total + id * (position + 1), 0));
        expect(idSums).toEqual(golden.rows.map(({ idSum }) => idSum));

        const runner = await createRunner(model, context);
        const losses = await documentLosses(runner, documents, { maxTokens: 257 });
        await runner.dispose();
        expectClose(
          losses.map(({ sum, tokens }) => sum / tokens),
          golden.rows.map(({ loss }) => loss),
          1e-5,
        );

        const evaluators = [perplexity()];
        const { perplexity: result } = await evaluateModel(
          model,
          evaluators,
          { documents, contextLength: 257 },
          context,
          tools,
        );
        expect(result).toMatchObject({ tokens: golden.tokensCounted });
        const loss = losses.reduce((total, own) => total + own.sum, 0) / golden.tokensCounted;
        expect(result).toMatchObject({ loss, perplexity: Math.exp(loss) });
        expect(Math.abs(loss - 1.6079)).toBeLessThan(0.0005);
      } finally {
        await loaded.close();
      }
    });

    test('writes stories: text that it finds likely itself, the same for the same seed', async () => {
      const loaded = await loadModel(folder, [llama()]);
      const { model } = loaded;
      try {
        const [batch, length] = [32, 257];
        const generator = await createGenerator(model, context, { batch, length, temperature: 1 });
        const ids = await generator.sample(random(7));
        expect(await generator.sample(random(7))).toEqual(ids);
        await generator.dispose();
        const rows = Array.from({ length: batch }, (_, row) => [...ids.subarray(row * length, (row + 1) * length)]);
        expect(new Set(rows.map(String)).size).toBe(batch);

        // Sampled at temperature 1, the mean loss of a model's own text estimates its entropy rate: close to what it loses on
        // real stories, and far from the ln 512 = 6.2 of text at random.
        const runner = await createRunner(model, context);
        const losses = await documentLosses(runner, rows);
        await runner.dispose();
        const loss = losses.reduce((total, own) => total + own.sum, 0) / (batch * (length - 1));
        expect(loss).toBeGreaterThan(1.2);
        expect(loss).toBeLessThan(2.2);
        expect(model.tokenizer.decode(rows[0] ?? [])).toMatch(/[a-z]+ [a-z]+ [a-z]+/);
      } finally {
        await loaded.close();
      }
    });
  },
);
