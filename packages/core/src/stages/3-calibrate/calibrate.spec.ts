// Calibration of a model whose sums are known by hand.
import { expect, test } from 'vitest';
import { referenceBackend } from '../../backend/index.js';
import { batchList, ofSize, padRows, type SizedBatches, type TokenBatch } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { matmul, multiply, power, reshape } from '../../graph/index.js';
import type { Model } from '../../model/index.js';
import { Pipeline, type PipelineEvent, type StageTools } from '../../pipeline/index.js';
import { random } from '../../random.js';
import type { ImportanceScorer } from '../4-score/importance-scorer.js';
import { toyArchitecture, toyModel } from '../testing/toy-model.js';
import { calibrateProgram } from './calibrate-program.js';
import { calibrate, collectStatistics, type CalibrateOptions } from './calibrate.js';
import { modelHash } from './model-hash.js';
import { statistic, withoutFold } from './statistics.js';
import type { Observation } from './observation.js';

const context = { backend: referenceBackend(), random: random(1) };
const size = { batch: 2, length: 3 };

/** Sum of the embeddings of all valid tokens. */
const embeddingSum: Observation = {
  key: 'embedding/sum',
  size: 4,
  observe: (tap, { weights, batch, length }) =>
    reshape(matmul(reshape(weights, [batch, 1, length]), reshape(tap('embedding'), [batch, length, 4])), [batch, 4]),
};
const scorer: ImportanceScorer = { name: 'sum', summary: '', observe: () => [embeddingSum], score: () => ({}) };

/** Documents as batches; a document of n tokens has n − 1 that count. */
const list = (...documents: number[][]): TokenBatch[] =>
  Array.from({ length: Math.ceil(documents.length / 2) }, (_, i) => padRows(documents.slice(2 * i, 2 * i + 2), size));
const batches = (...documents: number[][]): SizedBatches => batchList(list(...documents));

/** Embedding of token t, channel c, is 4·t + c. */
const sumOf = (...tokens: number[]): number[] => [0, 1, 2, 3].map((c) => tokens.reduce((a, t) => a + 4 * t + c, 0));

async function run(options: Partial<CalibrateOptions>) {
  const events: PipelineEvent[] = [];
  const all = { scorers: [scorer], samples: 2, folds: 1, data: ofSize([], size), ...options };
  const { statistics } = await Pipeline.of({ teacher: toyModel() }, context)
    .pipe(calibrate(all))
    .run((event) => events.push(event));
  return { statistics, events };
}

test('sums run over valid tokens only', async () => {
  const { statistics } = await run({ data: batches([1, 2, 3, 0], [4, 0]) });
  expect([...statistic(statistics, 'embedding/sum')]).toEqual(sumOf(1, 2, 3, 4));
  expect(statistics).toMatchObject({ samples: 2, tokens: 4 });
});

test('batches add up, and sequences without valid tokens do not count as samples', async () => {
  const { statistics, events } = await run({ samples: 3, data: batches([1, 2, 0], [], [3, 0], [4, 4, 4, 0]) });
  expect([...statistic(statistics, 'embedding/sum')]).toEqual(sumOf(1, 2, 3, 4, 4, 4));
  expect(statistics).toMatchObject({ samples: 3, tokens: 6 });
  const progress = events.flatMap((event) =>
    event.type === 'progress' ? [[event.done, event.total, event.unit]] : [],
  );
  expect(progress).toEqual([
    [1, 3, 'samples'],
    [3, 3, 'samples'],
  ]);
});

test('reading stops at the asked number of samples, in the middle of a batch', async () => {
  let given = 0;
  function* endless(): Generator<TokenBatch> {
    for (;;) {
      given += 1;
      yield* list([1, 0], [2, 0]);
    }
  }
  const { statistics } = await run({ samples: 3, data: ofSize(endless(), size) });
  expect([...statistic(statistics, 'embedding/sum')]).toEqual(sumOf(1, 2, 1));
  expect(statistics).toMatchObject({ samples: 3, tokens: 3 });
  expect(given).toBe(2);
});

test('a smaller batch is filled up with rows that do not count', async () => {
  const last = padRows([[3, 0]], { batch: 1, length: 3 });
  const { statistics } = await run({ samples: 3, data: batchList([...list([1, 0], [2, 0]), last]) });
  expect([...statistic(statistics, 'embedding/sum')]).toEqual(sumOf(1, 2, 3));
});

test('data that ends early is a warning, data without a valid token an error', async () => {
  const { events } = await run({ samples: 5, data: batches([1, 0]) });
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'warning', message: expect.stringContaining('1 samples, 5') as string }),
  );
  await expect(run({ data: batches([], [1]) })).rejects.toThrow(InputError);
});

test('folds of the sample are kept apart, and one can be left out', async () => {
  const data = batches([1, 2, 0], [3, 0], [], [4, 0], [2, 0]);
  const { statistics } = await run({ samples: 4, folds: 3, data });
  expect([...(statistics.sums['embedding/sum'] ?? [])]).toEqual([sumOf(1, 2, 2), sumOf(3), sumOf(4)].flat());
  expect(statistics.folds).toEqual([
    { samples: 2, tokens: 3 },
    { samples: 1, tokens: 1 },
    { samples: 1, tokens: 1 },
  ]);
  const rest = withoutFold(statistics, 1);
  expect([...statistic(rest, 'embedding/sum')]).toEqual(sumOf(1, 2, 2, 4));
  expect(rest).toMatchObject({ samples: 3, tokens: 4, model: statistics.model });
  expect(rest.folds).toHaveLength(2);
  expect(() => withoutFold(statistics, 3)).toThrow('no fold 3 (0-based)');
});

test('fewer samples than folds are refused before anything is read, and when the data ends early', async () => {
  const never = (): never => {
    throw new Error('read');
  };
  const unread = { ...size, [Symbol.asyncIterator]: () => ({ next: never }) };
  await expect(run({ samples: 3, folds: 4, data: unread })).rejects.toThrow(
    'calibrate in 4 folds: there are 3 samples, and every fold needs one. Give more samples, or ask for fewer folds.',
  );
  await expect(run({ samples: 9, folds: 3, data: batches([1, 0], [2, 0]) })).rejects.toThrow('there are 2 samples');
});

test('a scorer that needs what was not calibrated is told so', async () => {
  const { statistics } = await run({ data: batches([1, 0], [2, 0]) });
  expect(() => statistic(statistics, 'ffnActivation/0/mean/squares')).toThrow(InputError);
});

test('equal observations of two scorers are kept once', async () => {
  const { statistics } = await run({ scorers: [scorer, { ...scorer, name: 'again' }], data: batches([1, 0], [2, 0]) });
  expect([...statistic(statistics, 'embedding/sum')]).toEqual(sumOf(1, 2));
});

/** The toy model with one number of one weight replaced. */
function spoilt(weight: string, value: number): Model {
  const model = toyModel();
  return {
    ...model,
    weights: {
      async read(name) {
        const values = (await model.weights.read(name)).slice();
        if (name === weight) values[2] = value;
        return values;
      },
    },
  };
}

test('where nothing is observed, nothing is run or read, and the statistics are of no model', async () => {
  const tools: StageTools = { report: () => undefined, signal: new AbortController().signal };
  const read = (): Promise<never> => Promise.reject(new Error('read'));
  const options = { scorers: [{ ...scorer, observe: () => [] }], samples: 2, data: batches([1, 0]) };
  const found = await collectStatistics({ ...toyModel(), weights: { read } }, options, context, tools);
  expect(found).toEqual({ folds: [], samples: 0, tokens: 0, sums: {} });
});

test('a weight that is not finite stops the calibration by name', async () => {
  const options = { scorers: [scorer], samples: 1, data: batches([1, 0]) };
  const tools: StageTools = { report: () => undefined, signal: new AbortController().signal };
  await expect(collectStatistics(spoilt('1.in', NaN), options, context, tools)).rejects.toThrow(
    'element 2 of weight "1.in" is NaN',
  );
});

test('an activation that overflows stops the calibration by tap and layer, at the first run', async () => {
  let given = 0;
  function* endless(): Generator<TokenBatch> {
    for (;;) {
      given += 1;
      yield* list([1, 0], [2, 0]);
    }
  }
  const overflow: Observation = {
    ...embeddingSum,
    key: 'embedding/inverse',
    observe: (tap, rows) => power(multiply(embeddingSum.observe(tap, rows), 0), -1),
  };
  const scorers = [{ ...scorer, observe: () => [embeddingSum, overflow] }];
  await expect(run({ scorers, samples: 10, data: ofSize(endless(), size) })).rejects.toThrow(
    'the statistic "embedding/inverse" (tap, layer (0-based), measure) is Infinity within the first 2 samples',
  );
  expect(given).toBe(1);
});

test('the hash tells models apart by one weight or one number of their shape', async () => {
  const model = toyModel();
  const own = await modelHash(model);
  expect(own).toMatch(/^[0-9a-f]{64}$/);
  expect(await modelHash(toyModel())).toBe(own);
  expect((await run({ data: batches([1, 0], [2, 0]) })).statistics.model).toBe(own);
  expect(await modelHash(spoilt('1.in', 0.5))).not.toBe(own);
  const other = { ...model, architecture: { ...model.architecture, normEpsilon: 1e-6 } };
  expect(await modelHash(other)).not.toBe(own);
});

test('a cancelled calibration stops at the next batch and lets the data go', async () => {
  const abort = new AbortController();
  let released = false;
  function* endless(): Generator<TokenBatch> {
    try {
      for (;;) yield* list([1, 0], [2, 0]);
    } finally {
      released = true;
    }
  }
  const tools: StageTools = { report: () => abort.abort(), signal: abort.signal };
  const options = { scorers: [scorer], samples: 100, data: ofSize(endless(), size) };
  await expect(collectStatistics(toyModel(), options, context, tools)).rejects.toThrow('aborted');
  expect(released).toBe(true);
});

test('scorers that need no statistics need no data', async () => {
  const { statistics } = await run({ scorers: [] });
  expect(statistics).toMatchObject({ samples: 0, tokens: 0, folds: [], sums: {} });
});

const shape = { family: toyModel().family, architecture: toyArchitecture };

test('the program keeps nothing but the observations', () => {
  const program = calibrateProgram(shape, [embeddingSum], { ...size, folds: 2 });
  expect(program.outputs).toEqual({});
  expect(Object.keys(program.states).toSorted()).toEqual(['model/table', 'statistic/embedding/sum']);
});

const negated: Observation['observe'] = (tap, rows) => multiply(embeddingSum.observe(tap, rows), -1);
const beyond: Observation = { ...embeddingSum, observe: (tap) => tap('ffnActivation', 3) };
test.each([
  ['two observations are called', [embeddingSum, { ...embeddingSum, observe: negated }]],
  ['gives [2,4], it declares [2,5]', [{ ...embeddingSum, size: 5 }]],
  ['no tap ffnActivation of layer 3', [beyond]],
])('the program refuses: %s', (message, observations) => {
  expect(() => calibrateProgram(shape, observations, { ...size, folds: 1 })).toThrow(message);
});

test('batches say their size, and one of another is refused in words', async () => {
  const other = padRows([[1, 2, 0]], { batch: 1, length: 8 });
  const attempt = run({ samples: 9, data: batchList([...list([1, 0], [2, 0]), other]) });
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow('calibrate on batches of 2 × 3 tokens: one is 1 × 8');
});
