// Calibration of a model whose sums are known by hand.
import { expect, test } from 'vitest';
import { referenceBackend } from '../../backend/index.js';
import { padRows, type TokenBatch } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { multiply, reshape, sum } from '../../graph/index.js';
import { Pipeline, type PipelineEvent, type StageTools } from '../../pipeline/index.js';
import { random } from '../../random.js';
import type { ImportanceScorer } from '../4-score/importance-scorer.js';
import { toyArchitecture, toyModel } from '../testing/toy-model.js';
import { calibrateProgram } from './calibrate-program.js';
import { calibrate, collectStatistics, type CalibrateOptions } from './calibrate.js';
import type { Observation } from './observation.js';

const context = { backend: referenceBackend(), random: random(1) };
const size = { batch: 2, length: 3 };

/** Sum of the embeddings of all valid tokens. */
const embeddingSum: Observation = {
  key: 'sum/embedding',
  shape: [4],
  observe: (tap, { weights }) => reshape(sum(multiply(tap('embedding'), reshape(weights, [-1, 1])), [0]), [4]),
};
const scorer: ImportanceScorer = { name: 'sum', summary: '', observe: () => [embeddingSum], score: () => ({}) };

/** Documents as batches; a document of n tokens has n − 1 that count. */
const batches = (...documents: number[][]): TokenBatch[] =>
  Array.from({ length: Math.ceil(documents.length / 2) }, (_, i) => padRows(documents.slice(2 * i, 2 * i + 2), size));

/** Embedding of token t, channel c, is 4·t + c. */
const sumOf = (...tokens: number[]): number[] => [0, 1, 2, 3].map((c) => tokens.reduce((a, t) => a + 4 * t + c, 0));

async function run(options: Partial<CalibrateOptions>) {
  const events: PipelineEvent[] = [];
  const all = { scorers: [scorer], samples: 2, data: [], ...size, ...options };
  const { statistics } = await Pipeline.of({ teacher: toyModel() }, context)
    .pipe(calibrate(all))
    .run((event) => events.push(event));
  return { statistics, events };
}

test('sums run over valid tokens only', async () => {
  const { statistics } = await run({ data: batches([1, 2, 3, 0], [4, 0]) });
  expect([...(statistics.values['sum/embedding'] ?? [])]).toEqual(sumOf(1, 2, 3, 4));
  expect(statistics).toMatchObject({ samples: 2, tokens: 4 });
});

test('batches add up, and sequences without valid tokens do not count as samples', async () => {
  const { statistics, events } = await run({ samples: 3, data: batches([1, 2, 0], [], [3, 0], [4, 4, 4, 0]) });
  expect([...(statistics.values['sum/embedding'] ?? [])]).toEqual(sumOf(1, 2, 3, 4, 4, 4));
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
      yield* batches([1, 0], [2, 0]);
    }
  }
  const { statistics } = await run({ samples: 3, data: endless() });
  expect([...(statistics.values['sum/embedding'] ?? [])]).toEqual(sumOf(1, 2, 1));
  expect(statistics).toMatchObject({ samples: 3, tokens: 3 });
  expect(given).toBe(2);
});

test('a smaller batch is filled up with rows that do not count', async () => {
  const { statistics } = await run({ samples: 1, data: [padRows([[3, 0]], { batch: 1, length: 3 })] });
  expect([...(statistics.values['sum/embedding'] ?? [])]).toEqual(sumOf(3));
});

test('data that ends early is a warning, data without a valid token an error', async () => {
  const { events } = await run({ samples: 5, data: batches([1, 0]) });
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'warning', message: expect.stringContaining('1 samples, 5') as string }),
  );
  await expect(run({ data: batches([], [1]) })).rejects.toThrow(InputError);
});

test('a cancelled calibration stops at the next batch and lets the data go', async () => {
  const abort = new AbortController();
  let released = false;
  function* endless(): Generator<TokenBatch> {
    try {
      for (;;) yield* batches([1, 0], [2, 0]);
    } finally {
      released = true;
    }
  }
  const tools: StageTools = { report: () => abort.abort(), signal: abort.signal };
  const options = { scorers: [scorer], samples: 100, data: endless(), ...size };
  await expect(collectStatistics(toyModel(), options, context, tools)).rejects.toThrow('aborted');
  expect(released).toBe(true);
});

test('scorers that need no statistics need no data', async () => {
  const { statistics } = await run({ scorers: [] });
  expect(statistics).toEqual({ samples: 0, tokens: 0, values: {} });
});

const shape = { family: toyModel().family, architecture: toyArchitecture };

test('the program keeps nothing but the observations', () => {
  const program = calibrateProgram(shape, [embeddingSum], size);
  expect(program.outputs).toEqual({});
  expect(Object.keys(program.states).toSorted()).toEqual(['model/table', 'statistic/sum/embedding']);
});

const beyond: Observation = { ...embeddingSum, observe: (tap) => tap('ffnActivation', 3) };
test.each([
  ['two observations are called', [embeddingSum, embeddingSum]],
  ['gives [4], it declares [5]', [{ ...embeddingSum, shape: [5] }]],
  ['no tap ffnActivation of layer 3', [beyond]],
])('the program refuses: %s', (message, observations) => {
  expect(() => calibrateProgram(shape, observations, size)).toThrow(message);
});
