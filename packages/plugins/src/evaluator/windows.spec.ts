// Golden numbers from transformers (tools/oracle/windows.py).
import { readFile } from 'node:fs/promises';
import { createRunner, evaluationContext, random, type Json, type Model } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fixture, tinyLlama } from '../testing/tiny-llama.js';
import { perplexity, type PerplexityResult } from './perplexity.js';
import { studentT } from './student-t.js';
import { windowsOf } from './windows.js';

const schema = z.object({
  window: z.int(),
  documents: z.array(z.array(z.int())),
  strided: z.record(z.string(), z.array(z.object({ sum: z.number(), tokens: z.int() }))),
  wanda: z.object({ perplexity: z.number(), windows: z.int() }),
});
const golden = schema.parse(JSON.parse(await readFile(fixture('windows/golden.json'), 'utf8')));
const { documents, window: contextLength } = golden;
const context = { backend: referenceBackend(), random: random(1) };
const model = await tinyLlama();

async function measured(
  options: { readonly [name: string]: Json },
  text: readonly (readonly number[])[] = documents,
  of: Model = model,
): Promise<PerplexityResult> {
  const runner = await createRunner(of, context);
  const own = evaluationContext(of, { documents: text, contextLength }, context);
  try {
    const evaluator = perplexity(perplexity.options.parse(options));
    const tools = { report: () => undefined, signal: new AbortController().signal };
    return await evaluator.evaluate(runner, own, tools);
  } finally {
    await runner.dispose();
  }
}

describe('windows that slide', () => {
  test.each(Object.keys(golden.strided))('by %s tokens give the loss of transformers', async (stride) => {
    const expected = golden.strided[stride] ?? [];
    const tokens = expected.reduce((total, own) => total + own.tokens, 0);
    const sum = expected.reduce((total, own) => total + own.sum, 0);
    const result = await measured({ windows: 'rolling', stride: Number(stride), batch: 3 });
    expect(result.tokens).toBe(tokens);
    expect(result.tokens).toBe(documents.reduce((total, { length }) => total + length - 1, 0));
    expect(result.loss).toBeCloseTo(sum / tokens, 5);
    expect(result.n).toBe(documents.length);
  });

  test('are new but for one token when no stride is given', async () => {
    const [whole, last] = [await measured({ windows: 'rolling' }), await measured({ windows: 'rolling', stride: 11 })];
    expect(whole).toEqual(last);
  });

  test('of an only document have an interval over them, and none where there is one window', async () => {
    const [long = [], short = []] = documents;
    const result = await measured({ windows: 'rolling' }, [long]);
    expect(result.n).toBe(3);
    expect(result.confidence?.[0]).toBeLessThan(result.loss);
    expect((await measured({ windows: 'rolling' }, [short])).confidence).toBeNull();
  });

  test.each([12, 13])('of 12 tokens that would leave tokens out by a stride of %i are refused', async (stride) => {
    await expect(measured({ windows: 'rolling', stride })).rejects.toThrow(/stride from 1 to 11/);
  });
});

describe('windows of joined documents', () => {
  test("give the perplexity of Wanda's loop", async () => {
    const result = await measured({ windows: 'concatenated' });
    expect(result.perplexity / golden.wanda.perplexity).toBeCloseTo(1, 5);
    expect(result.n).toBe(golden.wanda.windows);
    expect(result.tokens).toBe(golden.wanda.windows * (contextLength - 1));
  });

  test('are refused for less text than one of them', async () => {
    await expect(measured({ windows: 'concatenated' }, [[1, 2, 3]])).rejects.toThrow(/windows of 12 tokens.*have 3/);
  });
});

test('a stride without windows that slide is refused', async () => {
  await expect(measured({ stride: 4 })).rejects.toThrow(/windows are "documents", which do not slide/);
});

test('every token but the first of a document is predicted once, whatever the stride', () => {
  const [long = []] = documents;
  for (let stride = 1; stride < contextLength; stride++) {
    const windows = windowsOf([long], { windows: 'rolling', length: contextLength, stride });
    expect(windows.flatMap(({ ids, predicted }) => ids.slice(ids.length - predicted))).toEqual(long.slice(1));
  }
});

test('chance is the loss of a guess', async () => {
  expect((await measured({})).chance).toBeCloseTo(Math.log(96), 12);
  const tokenizer: Model['tokenizer'] = { ...model.tokenizer, hasToken: (id) => id < 90 };
  // Ids that only fill up the vocabulary are nobody's guess.
  expect((await measured({}, documents, { ...model, tokenizer })).chance).toBeCloseTo(Math.log(90), 12);
});

// Quantiles of Student's t, e.g. Abramowitz and Stegun, table 26.10.
test.each([
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [9, 2.262],
  [29, 2.045],
  [120, 1.98],
])('with %i degrees of freedom an interval reaches %f standard errors', (degrees, quantile) => {
  expect(studentT(degrees) / quantile).toBeGreaterThan(0.992);
  expect(studentT(degrees) / quantile).toBeLessThan(1.001);
});
