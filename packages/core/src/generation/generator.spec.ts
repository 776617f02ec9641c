import { describe, expect, test } from 'vitest';
import { hostFloats, hostIntegers, referenceBackend } from '../backend/index.js';
import { InputError } from '../errors.js';
import { input, program } from '../graph/index.js';
import { createRunner, runnerWeights, type Model } from '../model/index.js';
import { mutedCodec } from '../model/muted-codec.js';
import { random } from '../random.js';
import { segmentsOf } from './cache.js';
import { drawable, generationProgram, generationStates, newestIds } from './generation-program.js';
import { createGenerator, sampleSequences, type GeneratorOptions } from './generator.js';
import { tinyDecoder } from './testing/tiny-decoder.js';

const model = tinyDecoder();
const context = { backend: referenceBackend() };
const { vocab } = model.architecture.sizes;

/** Logits of a full forward pass without a cache: row-major `[B, T, V]`. */
async function fullLogits(of: Model, rows: readonly (readonly number[])[]): Promise<Float32Array> {
  const shape = [rows.length, rows[0]?.length ?? 0];
  const ids = input('ids', shape, 'int32');
  const logits = of.family.forward(of.architecture, { ids, weight: runnerWeights(of) });
  const runner = await createRunner(of, context);
  const result = await runner.run(program('full', { outputs: { logits } }), { ids: hostIntegers(rows.flat(), shape) });
  await runner.dispose();
  return result['logits']?.data as Float32Array;
}

/** The same model with room for several cache segments. */
const long: Model = { ...model, architecture: { ...model.architecture, contextLength: 200 } };

async function generate(
  options: Partial<GeneratorOptions>,
  seed = 1,
  batches = 1,
  of: Model = model,
): Promise<number[][]> {
  const own = { batch: 3, length: 12, temperature: 1, ...options };
  const generator = await createGenerator(of, context, own);
  const stream = random(seed);
  const rows: number[][] = [];
  for (let i = 0; i < batches; i++) {
    const ids = await generator.sample(stream);
    for (let row = 0; row < own.batch; row++) rows.push([...ids.subarray(row * own.length, (row + 1) * own.length)]);
  }
  await generator.dispose();
  return rows;
}

describe('generation', () => {
  test('logits with a cache are those of a full forward pass, across cache segments too', async () => {
    const [batch, capacity] = [2, 70];
    const stream = random(2);
    const rows = Array.from({ length: batch }, () => Array.from({ length: capacity }, () => stream.integer(vocab)));
    const full = await fullLogits(model, rows);
    const shape = { batch, capacity, logits: true };
    const runner = await createRunner(model, context, generationStates(model, shape));
    const segments = segmentsOf(capacity);
    expect(segments).toHaveLength(2);
    for (const [segment, { start, size }] of segments.entries()) {
      const step = generationProgram(model, shape, segment);
      for (let position = start; position < start + size; position++) {
        const column = rows.map((row) => row[position] ?? 0);
        await runner.write({ [newestIds]: hostIntegers(column, [batch, 1]) });
        const { logits } = await runner.run(step, {
          position: hostIntegers(position, []),
          uniform: hostFloats(0, [batch]),
          temperature: hostFloats(1, []),
        });
        rows.forEach((_, row) => {
          for (let id = 0; id < vocab; id++) {
            const expected = full[(row * capacity + position) * vocab + id];
            expect(logits?.data[row * vocab + id]).toBeCloseTo(expected ?? NaN, 5);
          }
        });
      }
    }
    await runner.dispose();
  });

  test.each([
    [0, NaN],
    [1, NaN],
    [0, Infinity],
    [1, Infinity],
  ])(
    'logits that are no numbers are refused: at temperature %f, by a weight that is %f',
    async (temperature, wrong) => {
      const read = async (name: string): Promise<Float32Array> => {
        const own = await model.weights.read(name);
        return name === 'model.norm.weight' ? own.map((value, index) => (index === 2 ? wrong : value)) : own;
      };
      const broken: Model = { ...model, weights: { read } };
      const generator = await createGenerator(broken, context, { batch: 2, length: 4, temperature });
      const attempt = generator.sample(random(1));
      await expect(attempt).rejects.toThrow(InputError);
      await expect(attempt).rejects.toThrow(/logits after token 0 .* sequence 0 are not all finite/);
      await generator.dispose();
    },
  );

  test('greedy text is what repeated full forward passes choose, after a prompt too', async () => {
    const prompt = [
      [0, 4, 2],
      [0, 7, 9],
    ];
    const rows = await generate({ batch: 2, length: 9, temperature: 0, prompt });
    let expected: number[][] = prompt;
    while ((expected[0]?.length ?? 9) < 9) {
      const length = expected[0]?.length ?? 0;
      const logits = await fullLogits(model, expected);
      expected = expected.map((row, index) => {
        const start = ((index + 1) * length - 1) * vocab;
        const last = logits.subarray(start, start + vocab);
        return [...row, last.indexOf(Math.max(...last))];
      });
    }
    expect(rows).toEqual(expected);
  });

  test.each([9, 64, 65, 72, 129, 140])(
    'after a prompt of %i tokens, read in chunks, greedy text is what full forward passes choose',
    async (count) => {
      const stream = random(count);
      const prompt = Array.from({ length: 2 }, () => Array.from({ length: count }, () => stream.integer(vocab)));
      const rows = await generate({ batch: 2, length: 144, temperature: 0, prompt }, 1, 1, long);
      // Each drawn token is the likeliest after all that stand before it.
      const full = await fullLogits(long, rows);
      rows.forEach((row, index) => {
        expect(row.slice(0, count)).toEqual(prompt[index]);
        for (let position = count; position < 144; position++) {
          const start = (index * 144 + position - 1) * vocab;
          const logits = full.subarray(start, start + vocab);
          expect(Math.max(...logits) - (logits[row[position] ?? NaN] ?? NaN)).toBeLessThan(1e-5);
        }
      });
    },
  );

  test('one generator takes prompts of every length, and tells what is drawn as it comes', async () => {
    const generator = await createGenerator(long, context, { batch: 1, length: 100, temperature: 0 });
    const alone = async (prompt: readonly number[]): Promise<readonly number[]> =>
      (await generate({ batch: 1, length: 100, temperature: 0, prompt: [prompt] }, 1, 1, long)).flat();
    const stream = random(8);
    for (const count of [80, 3, 99]) {
      const prompt = Array.from({ length: count }, () => stream.integer(vocab));
      const heard: number[] = [];
      const ids = await generator.sample(random(1), { prompt: [prompt], drawn: (own) => heard.push(...own) });
      expect([...ids]).toEqual(await alone(prompt));
      expect(heard).toEqual([...ids.subarray(count)]);
    }
    const few = await generator.sample(random(1), { prompt: [[1, 2, 3]], tokens: 4 });
    expect([...few]).toEqual((await alone([1, 2, 3])).slice(0, 7));
    await expect(generator.sample(random(1), { prompt: [[vocab]] })).rejects.toThrow(/token id/);
    await expect(generator.sample(random(1), { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    await generator.dispose();
  });

  test('the same seed gives the same text, another seed another', async () => {
    expect(await generate({}, 3)).toEqual(await generate({}, 3));
    expect(await generate({}, 3)).not.toEqual(await generate({}, 4));
  });

  test('rows differ, begin with the token that begins a text, and hold only ids of the vocabulary', async () => {
    const rows = await generate({ batch: 4 }, 5);
    expect(new Set(rows.map(String)).size).toBe(4);
    for (const row of rows) {
      expect(row).toHaveLength(12);
      expect(row[0]).toBe(0);
      expect(row.every((id) => Number.isInteger(id) && id >= 0 && id < vocab)).toBe(true);
    }
  });

  test('a second batch goes on with the stream and does not see the first', async () => {
    const [first, second] = await generate({ batch: 1 }, 6, 2);
    expect(second).not.toEqual(first);
    const greedy = await generate({ batch: 1, temperature: 0 }, 6, 2);
    expect(greedy[1]).toEqual(greedy[0]);
  });

  test('sequences come without end, whole, or cut after the token that ends a text', async () => {
    const options = { batch: 2, length: 40, temperature: 1 };
    const take = async (stopAtEnd: boolean): Promise<(readonly number[])[]> => {
      const rows: (readonly number[])[] = [];
      for await (const row of sampleSequences(model, context, { ...options, random: random(7), stopAtEnd })) {
        if (rows.push(row) === 5) break;
      }
      return rows;
    };
    const whole = await take(false);
    expect(whole.every((row) => row.length === 40)).toBe(true);
    expect(whole.some((row) => row.includes(1))).toBe(true);
    expect(await take(true)).toEqual(whole.map((row) => (row.includes(1) ? row.slice(0, row.indexOf(1) + 1) : row)));
  });

  test.each([
    ['at random', { temperature: 2 }],
    ['among the likeliest', { temperature: 2, topP: 0.9 }],
    ['as the likeliest', { temperature: 0 }],
  ])('an id without a token is never drawn, %s', async (_how, how) => {
    const free = await generate({ batch: 4, length: 40, ...how }, 8);
    const missing = new Set(free.map((row) => row[1]));
    expect(missing.size).toBeGreaterThan(0);
    const padded = { ...model, tokenizer: { ...model.tokenizer, hasToken: (id: number) => !missing.has(id) } };
    const generator = await createGenerator(padded, context, {
      batch: 4,
      length: 40,
      prompt: free.map(() => [0]),
      ...how,
    });
    const rows = await generator.sample(random(8));
    await generator.dispose();
    expect([...rows].filter((id, index) => index % 40 > 0 && missing.has(id))).toEqual([]);
  });

  test('a model all of whose ids have tokens has no mask', () => {
    const shape = { batch: 1, capacity: 4 };
    expect(Object.keys(generationStates(model, shape))).not.toContain(drawable);
    expect(Object.keys(generationStates(model, { ...shape, masked: true }))).toContain(drawable);
  });

  test('rows end one by one at any of the end tokens, and what follows does not depend on where they did', async () => {
    const ends = { ...model, tokenizer: { ...model.tokenizer, endTokens: [1, 7] } };
    const options = { batch: 6, length: 60, temperature: 1.5 };
    const sample = async (stopAtEnd: boolean): Promise<readonly number[][]> => {
      const generator = await createGenerator(ends, context, { ...options, stopAtEnd });
      const stream = random(9);
      const batches = [await generator.sample(stream), await generator.sample(stream)];
      await generator.dispose();
      return batches.flatMap((ids) =>
        Array.from({ length: 6 }, (_, row) => [...ids.subarray(row * 60, row * 60 + 60)]),
      );
    };
    const whole = await sample(false);
    const expected = whole.map((row) => {
      const end = row.findIndex((id, index) => index > 0 && (id === 1 || id === 7));
      return row.map((id, index) => (end !== -1 && index > end ? (row[end] ?? -1) : id));
    });
    expect(await sample(true)).toEqual(expected);
    expect(expected).not.toEqual(whole);
  });

  test.each<[string, Partial<GeneratorOptions>, RegExp]>([
    ['a length beyond the context', { length: 81 }, /context is 80 tokens/],
    ['no sequences', { batch: 0 }, /whole number of at least 1/],
    ['a negative temperature', { temperature: -1 }, /Give 0 or more/],
    ['a probability above 1', { topP: 1.5 }, /not a probability/],
    ['a prompt of other size', { prompt: [[0]] }, /Give 3 rows of one length/],
    ['an id that is no token', { batch: 1, prompt: [[11]] }, /token id 11.*from 0 to 10/],
  ])('refuses %s', async (_what, options, message) => {
    const attempt = generate(options);
    await expect(attempt).rejects.toThrow(InputError);
    await expect(attempt).rejects.toThrow(message);
  });

  test('refuses to begin without a prompt when no token begins a text', async () => {
    const silent = { ...model, tokenizer: mutedCodec(vocab) };
    const attempt = createGenerator(silent, context, { batch: 1, length: 4, temperature: 1 });
    await expect(attempt).rejects.toThrow(/no token that begins or ends a text/);
  });
});
