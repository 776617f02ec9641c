// Both scorers on the reference backend, against PyTorch hooks on the same model (tools/oracle/importance.py).
import { readFile } from 'node:fs/promises';
import {
  calibrate,
  batchList,
  padRows,
  Pipeline,
  random,
  ranking,
  score,
  type Scores,
  type TokenBatch,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { beforeAll, describe, expect, test } from 'vitest';
import { fixture, tinyLlama } from '../testing/tiny-llama.js';
import { activationScorer } from './activation.js';
import { blockInfluenceScorer, influenceOfBlocks } from './block-influence.js';
import { taylorScorer } from './taylor.js';
import { wandaScorer } from './wanda.js';

interface Golden {
  /** [calls][batch][time] */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly scores: Omit<Scores, 'layers'> & { readonly blockInfluence: readonly number[] };
  readonly influences: {
    /** [length − 1][start] */
    readonly blocks: readonly (readonly number[])[];
    readonly attention: readonly number[];
    readonly feedForward: readonly number[];
  };
  readonly rankings: {
    readonly ffn: readonly (readonly number[])[];
    /** [layer][group][rank], global head numbers */
    readonly headsPerGroup: readonly (readonly (readonly number[])[])[];
    readonly hidden: readonly number[];
    readonly layers: readonly number[];
  };
}

const scorers = [activationScorer(), blockInfluenceScorer()];

async function scoresOf(data: readonly TokenBatch[], { samples = 100, folds = 1 } = {}): Promise<Scores> {
  const { scores } = await Pipeline.of(
    { teacher: await tinyLlama() },
    { backend: referenceBackend(), random: random(1) },
  )
    .pipe(calibrate({ scorers, samples, folds, data: batchList(data) }), score(scorers))
    .run();
  const { ffn = [], heads = [], hidden = [], layers = [] } = scores;
  return { ffn, heads, hidden, layers };
}

/** Every token of the rows is fed; the target of the last is of no account here. */
const batchOf = (rows: readonly (readonly number[])[], length: number): TokenBatch =>
  padRows(
    rows.map((row) => [...row, 0]),
    { batch: rows.length, length },
  );

function expectRelative(actual: readonly number[], expected: readonly number[], relative: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(Math.abs(value / (expected[index] ?? NaN) - 1)).toBeLessThan(relative));
}

describe('against PyTorch', () => {
  let golden: Golden;
  let scores: Scores;
  beforeAll(async () => {
    golden = JSON.parse(await readFile(fixture('importance/golden.json'), 'utf8')) as Golden;
    scores = await scoresOf(
      golden.ids.map((rows) => batchOf(rows, 24)),
      { folds: 4 },
    );
  });

  test('neurons, heads and hidden channels have the same scores', () => {
    expectRelative(scores.ffn.flat(), golden.scores.ffn.flat(), 1e-4);
    expectRelative(scores.heads.flat(), golden.scores.heads.flat(), 1e-4);
    expectRelative(scores.hidden, golden.scores.hidden, 1e-4);
  });

  test('layers have the same scores', () => expectRelative(scores.layers, golden.scores.blockInfluence, 1e-4));

  test('blocks of every length and halves of layers have the same scores', async () => {
    const own = blockInfluenceScorer({ blocks: [3, 2], halves: true });
    const teacher = await tinyLlama();
    const data = golden.ids.map((rows) => batchOf(rows, 24));
    const { statistics, scores: found } = await Pipeline.of(
      { teacher },
      { backend: referenceBackend(), random: random(1) },
    )
      .pipe(calibrate({ scorers: [own], samples: 6, data: batchList(data) }), score([own]))
      .run();
    golden.influences.blocks.forEach((expected, index) => {
      const blocks = influenceOfBlocks(statistics, teacher.architecture, index + 1);
      expect(blocks.map(({ start, length }) => [start, length])).toEqual(
        expected.map((_, start) => [start, index + 1]),
      );
      expectRelative(
        blocks.map((block) => block.score),
        expected,
        1e-4,
      );
    });
    expect(golden.influences.blocks).toHaveLength(3);
    expectRelative(found.attention ?? [], golden.influences.attention, 1e-4);
    expectRelative(found.feedForward ?? [], golden.influences.feedForward, 1e-4);
  });

  test('rankings are the same', () => {
    const { rankings } = golden;
    expect(scores.ffn.map(ranking)).toEqual(rankings.ffn);
    expect(ranking(scores.hidden)).toEqual(rankings.hidden);
    expect(ranking(scores.layers)).toEqual(rankings.layers);
    const grouped = scores.heads.map((own) =>
      [0, 2].map((first) => ranking(own.slice(first, first + 2)).map((head) => first + head)),
    );
    expect(grouped).toEqual(rankings.headsPerGroup);
  });
});

const rows = [
  [5, 17, 3, 80, 41, 9],
  [60, 2, 33],
  [12, 12, 90, 7, 1],
];

test('padding enters no score: alone, side by side and beside empty sequences give the same', async () => {
  const alone = await scoresOf([batchOf([[], rows[0] ?? []], 6), batchOf([rows[1] ?? [], rows[2] ?? []], 6)]);
  const together = await scoresOf([batchOf([...rows, [], []], 9)]);
  for (const axis of ['ffn', 'heads', 'hidden', 'layers'] as const) {
    expectRelative(together[axis].flat(), alone[axis].flat(), 1e-6);
  }
});

test('padding enters no statistic of any scorer, forward or backward', async () => {
  const every = [
    activationScorer(),
    activationScorer({ headNorm: 'before' }),
    blockInfluenceScorer({ blocks: [2], halves: true }),
    wandaScorer(),
    taylorScorer(),
  ];
  const teacher = await tinyLlama();
  const sums = async (data: readonly TokenBatch[]) => {
    const { statistics } = await Pipeline.of({ teacher }, { backend: referenceBackend(), random: random(1) })
      .pipe(calibrate({ scorers: every, samples: 100, folds: 1, data: batchList(data) }))
      .run();
    return statistics.sums;
  };
  const alone = await sums(rows.map((row) => batchOf([row], 6)));
  const together = await sums([batchOf([rows[0] ?? [], [], ...rows.slice(1)], 9)]);
  expect(Object.keys(together)).toEqual(Object.keys(alone));
  for (const [key, own] of Object.entries(alone)) {
    const size = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (together[key]?.[i] ?? NaN))), 0);
    expect(size, key).toBeGreaterThan(0);
    expect(worst / size, key).toBeLessThan(1e-5);
  }
});

test('sequences of different length count alike for widths, tokens count alike for layers', async () => {
  const each = await Promise.all(rows.map((row) => scoresOf([batchOf([row], 6)])));
  const all = await scoresOf([batchOf(rows, 6)]);
  const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((a, b) => a + b * b, 0));
  const expected = all.ffn.flat().map((_, index) => norm(each.map((own) => own.ffn.flat()[index] ?? NaN)));
  expectRelative(all.ffn.flat(), expected, 1e-5);
  const tokens = rows.map((row) => row.length);
  const mean = all.layers.map((_, layer) => {
    const weighted = each.reduce((sum, own, index) => sum + (own.layers[layer] ?? NaN) * (tokens[index] ?? NaN), 0);
    return weighted / tokens.reduce((a, b) => a + b, 0);
  });
  expectRelative(all.layers, mean, 1e-5);
});

test('a sample limit leaves the rest out', async () => {
  const limited = await scoresOf([batchOf(rows, 6)], { samples: 2 });
  const first = await scoresOf([batchOf(rows.slice(0, 2), 6)]);
  expect(limited).toEqual(first);
});
