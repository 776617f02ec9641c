import {
  createRunner,
  evaluationContext,
  InputError,
  random,
  type Evaluator,
  type Json,
  type EvaluationText,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { modelLogits } from '@espalier/testing';
import { describe, expect, test } from 'vitest';
import { tinyLlama } from '../testing/tiny-llama.js';
import { cloze, wilson } from './cloze.js';
import { perplexity } from './perplexity.js';
import { throughput } from './throughput.js';
import { documentLosses } from './token-losses.js';

const context = { backend: referenceBackend(), random: random(1) };
const tools = { report: () => undefined, signal: new AbortController().signal };
const model = await tinyLlama();
const { vocab } = model.architecture.sizes;

async function evaluate<Result extends Json>(
  evaluator: Evaluator<Result>,
  text: Partial<EvaluationText> = {},
): Promise<Result> {
  const runner = await createRunner(model, context);
  try {
    return await evaluator.evaluate(runner, evaluationContext(model, { documents: [], ...text }, context), tools);
  } finally {
    await runner.dispose();
  }
}

/** −log p of each token but the first, from logits of the document alone. */
async function losses(document: readonly number[]): Promise<number[]> {
  const logits = await modelLogits(model, [document], context);
  return document.slice(1).map((id, position) => {
    const row = logits.subarray(position * vocab, (position + 1) * vocab);
    const largest = Math.max(...row);
    return largest + Math.log(row.reduce((total, own) => total + Math.exp(own - largest), 0)) - (row[id] ?? NaN);
  });
}

const stream = random(3);
const documents = [9, 4, 14, 2, 11].map((length) => Array.from({ length }, () => stream.integer(vocab)));
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('perplexity', () => {
  test('is over all tokens but the first of each document, in batches of any size', async () => {
    const expected = (await Promise.all(documents.map(losses))).flat();
    for (const batch of [1, 2, 16]) {
      const { loss, perplexity: own, tokens } = await evaluate(perplexity({ batch }), { documents });
      expect(tokens).toBe(8 + 3 + 13 + 1 + 10);
      expect(loss).toBeCloseTo(total(expected) / expected.length, 5);
      expect(own).toBeCloseTo(Math.exp(loss), 9);
    }
  });

  test('looks at the first tokens only, the one that begins the text included', async () => {
    const expected = (await Promise.all(documents.map((document) => losses(document.slice(0, 5))))).flat();
    const { loss, tokens } = await evaluate(perplexity(), { documents, contextLength: 5 });
    expect(tokens).toBe(4 + 3 + 4 + 1 + 4);
    expect(loss).toBeCloseTo(total(expected) / expected.length, 5);
  });

  test('has the interval of the mean over documents; of three of one length that is 4.303 standard errors, as of Student t', async () => {
    const even = documents.slice(0, 3).map((document) => document.slice(0, 4));
    const means = await Promise.all(even.map(async (document) => total(await losses(document)) / 3));
    const mean = total(means) / 3;
    const deviation = Math.sqrt(total(means.map((own) => (own - mean) ** 2)) / 2);
    const { confidence } = await evaluate(perplexity(), { documents: even });
    const half = (4.303 * deviation) / Math.sqrt(3);
    expect((mean - (confidence?.[0] ?? NaN)) / half).toBeCloseTo(1, 1);
    expect(((confidence?.[1] ?? NaN) - mean) / half).toBeCloseTo(1, 1);
    expect((await evaluate(perplexity(), { documents: even.slice(0, 1) })).confidence).toBeNull();
  });

  test('is known document by document', async () => {
    const runner = await createRunner(model, context);
    const own = await documentLosses(runner, documents, { batch: 3 });
    await runner.dispose();
    for (const [index, document] of documents.entries()) {
      expect(own[index]?.tokens).toBe(document.length - 1);
      expect(own[index]?.sum).toBeCloseTo(total(await losses(document)), 4);
    }
  });

  test.each([
    ['no documents', { documents: [] }, /none has two tokens/],
    ['a document of one token', { documents: [[1]] }, /none has two tokens/],
    ['an id outside the vocabulary', { documents: [[1, 96]] }, /token id 96.*ids 0 to 95/],
    ['a negative id', { documents: [[-1, 5]] }, /token id -1/],
    ['more tokens than the context', { documents, contextLength: 258 }, /context is 256 tokens/],
    ['nothing to predict', { documents, contextLength: 1 }, /from 2 to 257/],
  ])('refuses %s', async (_what, text, message) => {
    const attempt = evaluate(perplexity(), text);
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(message);
  });
});

const prompts = documents.map((document) => document.slice(0, -1));

/** For each prompt, all tokens from the likeliest down. */
const ranked = await Promise.all(
  prompts.map(async (prompt) => {
    const last = (await modelLogits(model, [prompt], context)).subarray(-vocab);
    return [...last.keys()].sort((a, b) => (last[b] ?? 0) - (last[a] ?? 0));
  }),
);

describe('cloze', () => {
  test('picks the choice with the highest logit after each prompt, whatever its length', async () => {
    const items = prompts.map((prompt, index) => {
      const [best = 0, second = 0, third = 0] = ranked[index] ?? [];
      // The model says 1, 0, 1, 0, 1; the first three are asked for that, the last two for something else.
      const choices = index % 2 === 0 ? [third, best, second] : [second, third];
      return { prompt, choices, answer: index < 3 ? 1 - (index % 2) : 1 - ((index + 1) % 2) };
    });
    for (const batch of [2, 16]) {
      const result = await evaluate(cloze({ batch }), { items });
      expect(result.n).toBe(5);
      expect(result.accuracy).toBeCloseTo(3 / 5, 12);
      expect(result.chance).toBeCloseTo((3 / 3 + 2 / 2) / 5, 12);
      expect(result.confidence).toEqual(wilson(3, 5));
    }
  });

  test('a random model is right about as often as a guess', async () => {
    const draw = random(8);
    const items = Array.from({ length: 120 }, () => {
      const prompt = Array.from({ length: 3 + draw.integer(3) }, () => draw.integer(vocab));
      return { prompt, choices: draw.shuffle([...Array(vocab).keys()]).slice(0, 4), answer: draw.integer(4) };
    });
    const { accuracy, chance, confidence } = await evaluate(cloze(), { items });
    expect(chance).toBe(0.25);
    expect(accuracy).toBeGreaterThan(0.1);
    expect(accuracy).toBeLessThan(0.4);
    expect(confidence[0]).toBeLessThan(accuracy);
    expect(confidence[1]).toBeGreaterThan(accuracy);
  });

  test('refuses logits that are no numbers, which would count as wrong answers', async () => {
    const read = async (name: string): Promise<Float32Array> => (await model.weights.read(name)).map(() => NaN);
    const runner = await createRunner({ ...model, weights: { read } }, context);
    const items = [{ prompt: [1, 2], choices: [3, 4], answer: 0 }];
    const text = evaluationContext(model, { documents: [], items }, context);
    await expect(cloze().evaluate(runner, text, tools)).rejects.toThrow(/"cloze" \(item 0.*"logits.*(NaN|Infinity)/);
    await runner.dispose();
  });

  test('has something to measure where there are questions', () => {
    const text = { documents, contextLength: 5 };
    expect(cloze().applies?.({ ...text, items: [] })).toBe(false);
    expect(cloze().applies?.({ ...text, items: [{ prompt: [1], choices: [2, 3], answer: 0 }] })).toBe(true);
  });

  test.each([
    ['no items', [], /there are none/],
    ['an answer that is no choice', [{ prompt: [1], choices: [2, 3], answer: 2 }], /item 0 .*2 choices and answer 2/],
    ['an empty prompt', [{ prompt: [], choices: [2], answer: 0 }], /prompt of 0 tokens/],
    ['an id outside the vocabulary', [{ prompt: [1], choices: [2, 96], answer: 0 }], /token id 96/],
  ])('refuses %s', async (_what, items, message) => {
    const attempt = evaluate(cloze(), { items });
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(message);
  });

  // Newcombe (1998), table I: 81/263, 15/148, 0/20, 1/29.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("Wilson's interval of %i out of %i", (successes, n, low, high) => {
    const [from, to] = wilson(successes, n);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
  });
});

describe('throughput', () => {
  test('is tokens of a batch over the time of the median run', async () => {
    const began = performance.now();
    const { tokensPerSecond } = await evaluate(throughput({ batch: 2, length: 4, runs: 3 }));
    const seconds = (performance.now() - began) / 1000;
    // Four runs took no longer than everything did; at least two of the timed ones took the median or longer.
    expect((2 * 4) / tokensPerSecond).toBeLessThan(seconds / 2);
    expect(tokensPerSecond).toBeGreaterThan(0);
  });

  test('refuses sequences longer than the context', async () => {
    await expect(evaluate(throughput({ length: 257 }))).rejects.toThrow(/context is 256 tokens/);
  });
});
