// The nine aggregations from one calibration each way of taking heads, against PyTorch (tools/oracle/importance.py).
import { readFile } from 'node:fs/promises';
import {
  calibrate,
  combineScores,
  observedOf,
  batchList,
  padRows,
  Pipeline,
  random,
  ranking,
  type Observed,
  type Scores,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { beforeAll, describe, expect, test } from 'vitest';
import { activationScorer } from '../activation.js';
import { fixture, tinyLlama } from '../../testing/tiny-llama.js';
import { aggregation, aggregationNames, l2Mean, type AggregationName } from './aggregation.js';

type Lists = readonly (readonly number[])[];

interface Golden {
  /** [calls][batch][time] */
  readonly ids: readonly Lists[];
  readonly aggregations: Readonly<
    Record<
      string,
      { readonly ffn: Lists; readonly heads: Lists; readonly headsPerToken: Lists; readonly hidden: readonly number[] }
    >
  >;
}

const length = 24;
let golden: Golden;
let observed: Readonly<Record<'after' | 'before', Observed>>;

async function observe(headNorm: 'after' | 'before'): Promise<Observed> {
  const teacher = await tinyLlama();
  const data = golden.ids.map((rows) =>
    padRows(
      rows.map((row) => [...row, 0]),
      { batch: 2, length },
    ),
  );
  const { statistics } = await Pipeline.of({ teacher }, { backend: referenceBackend(), random: random(1) })
    .pipe(calibrate({ scorers: [activationScorer({ headNorm })], samples: 6, folds: 3, data: batchList(data) }))
    .run();
  return observedOf(teacher, statistics, random(1));
}

beforeAll(async () => {
  golden = JSON.parse(await readFile(fixture('importance/golden.json'), 'utf8')) as Golden;
  observed = { after: await observe('after'), before: await observe('before') };
});

const scoresOf = (name: AggregationName, headNorm: 'after' | 'before'): Promise<Partial<Scores>> =>
  combineScores([activationScorer({ aggregation: name, headNorm })], observed[headNorm]);

/** Within 1e-4 of each, and in the same order wherever two of them differ by more than that. */
function expectSame(actual: readonly number[] = [], expected: readonly number[] = []): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((own, index) => expect(Math.abs(own / (expected[index] ?? NaN) - 1)).toBeLessThan(1e-4));
  const order = ranking(expected);
  order.slice(1).forEach((lower, index) => {
    const higher = order[index] ?? -1;
    if (1 - (expected[lower] ?? NaN) / (expected[higher] ?? NaN) < 2e-4) return;
    expect(actual[higher]).toBeGreaterThan(actual[lower] ?? NaN);
  });
}

describe.each(aggregationNames)('%s', (name) => {
  test('neurons, heads and hidden channels are scored and ranked as by PyTorch', async () => {
    const scores = await scoresOf(name, 'after');
    const own = golden.aggregations[name];
    own?.ffn.forEach((list, layer) => expectSame(scores.ffn?.[layer], list));
    own?.heads.forEach((list, layer) => expectSame(scores.heads?.[layer], list));
    expectSame(scores.hidden, own?.hidden);
    expect(own?.ffn).toHaveLength(3);
  });

  test("heads by their norm at each token, the paper's formula, are scored and ranked as by PyTorch", async () => {
    const { heads } = await scoresOf(name, 'before');
    golden.aggregations[name]?.headsPerToken.forEach((list, layer) => expectSame(heads?.[layer], list));
    expect(heads).toHaveLength(3);
  });
});

test('there are nine, and (L2, mean) is the default', async () => {
  expect(aggregationNames).toHaveLength(9);
  expect(new Set(aggregationNames).size).toBe(9);
  expect(await combineScores([activationScorer()], observed.after)).toEqual(await scoresOf('l2-mean', 'after'));
  // @ts-expect-error not one of the nine
  expect(() => activationScorer({ aggregation: 'max-mean' })).toThrow('option aggregation');
});

test('a calibration for one aggregation keeps what it needs and no more', async () => {
  const { architecture } = await tinyLlama();
  const keys = (name: AggregationName): number =>
    activationScorer({ aggregation: name, moments: 'needed' }).observe(architecture).length;
  expect(keys('l2-mean')).toBe(4 * 3);
  expect(keys('variance-l2')).toBe(2 * 4 * 3);
  expect(activationScorer().observe(architecture)).toHaveLength(6 * 4 * 3);
});

test('a score is made of sums over the sequences', () => {
  // Per sequence 1, 2, 4: sum 7, squares 21.
  expect(l2Mean.combine(0, 21, 3)).toBeCloseTo(Math.sqrt(21), 12);
  expect(aggregation('mean', 'l2').combine(7, 0, 3)).toBeCloseTo(7 / 3, 12);
  expect(aggregation('variance', 'l2').combine(7, 21, 3)).toBeCloseTo(7 - 49 / 9, 12);
});
