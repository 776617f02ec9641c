// Scorers that are not Minitron's: Wanda and Taylor against PyTorch (tools/oracle/importance-alternatives.py), magnitude against
// what a cut takes from the weights' norm.
import { readFile } from 'node:fs/promises';
import {
  applyPlan,
  calibrate,
  combineScores,
  fullPlan,
  observedOf,
  batchList,
  padRows,
  Pipeline,
  random,
  ranking,
  weightSpecs,
  type ImportanceScorer,
  type Model,
  type PrunePlan,
  type Scores,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { beforeAll, describe, expect, test } from 'vitest';
import { fixture, tinyLlama } from '../testing/tiny-llama.js';
import { magnitudeScorer } from './magnitude.js';
import { randomScorer } from './random.js';
import { taylorScorer } from './taylor.js';
import { wandaScorer } from './wanda.js';

type Lists = readonly (readonly number[])[];
type Golden = Readonly<Record<'wanda' | 'taylor', Scores>> & { readonly ids: Lists };

let golden: Golden;
let model: Model;
beforeAll(async () => {
  golden = JSON.parse(await readFile(fixture('importance/alternatives.json'), 'utf8')) as Golden;
  model = await tinyLlama();
});

async function scoresOf(scorer: ImportanceScorer, batch: number, length: number): Promise<Partial<Scores>> {
  const data = Array.from({ length: golden.ids.length / batch }, (_, index) => {
    const rows = golden.ids.slice(index * batch, (index + 1) * batch);
    return padRows(
      rows.map((row) => [...row, 0]),
      { batch, length },
    );
  });
  const { statistics } = await Pipeline.of({ teacher: model }, { backend: referenceBackend(), random: random(1) })
    .pipe(calibrate({ scorers: [scorer], samples: golden.ids.length, data: batchList(data) }))
    .run();
  return combineScores([scorer], observedOf(model, statistics, random(1)));
}

function expectRelative(actual: unknown, expected: unknown, relative: number): void {
  const [own, other] = [actual, expected].map((lists) => [lists].flat(3) as readonly number[]);
  expect(own).toHaveLength(other?.length ?? -1);
  own?.forEach((value, index) => expect(Math.abs(value / (other?.[index] ?? NaN) - 1)).toBeLessThan(relative));
}

describe.each([
  ['wanda', wandaScorer()],
  ['taylor', taylorScorer()],
] as const)('%s', (name, scorer) => {
  test('scores are those of PyTorch, whatever the batches and however much padding', async () => {
    const scores = await scoresOf(scorer, 3, 24);
    const padded = await scoresOf(scorer, 2, 27);
    expect(Object.keys(scores).toSorted()).toEqual(Object.keys(golden[name]).toSorted());
    for (const axis of Object.keys(golden[name]) as (keyof Scores)[]) {
      expectRelative(scores[axis], golden[name][axis], 1e-4);
      expectRelative(padded[axis], golden[name][axis], 1e-4);
    }
    expect(ranking(scores.hidden ?? [])).toEqual(ranking(golden[name].hidden));
  });
});

describe('magnitude', () => {
  /** Σw² of all weights. */
  async function square({ weights, ...shape }: Model): Promise<number> {
    let total = 0;
    for (const { name } of weightSpecs(shape)) for (const value of await weights.read(name)) total += value * value;
    return total;
  }
  const without = (list: readonly number[], gone: readonly number[]) => list.filter((own) => !gone.includes(own));
  const squares = (scores: readonly (number | undefined)[]) =>
    scores.reduce<number>((sum, own = NaN) => sum + own ** 2, 0);

  test('the square of a score is what cutting the unit takes from the sum of squares', async () => {
    const scores = await scoresOf(magnitudeScorer(), 3, 24);
    const full = fullPlan(model.architecture);
    const whole = await square(model);
    const lost = async (plan: Partial<PrunePlan>) => whole - (await square(applyPlan(model, { ...full, ...plan })));
    const all = [0, 1, 2];
    const cases: readonly (readonly [Partial<PrunePlan>, number])[] = [
      [{ hidden: without(full.hidden, [7]) }, squares([scores.hidden?.[7]])],
      [{ ffn: full.ffn.map((own) => without(own, [5])) }, squares(all.map((layer) => scores.ffn?.[layer]?.[5]))],
      // One head of each of the two groups.
      [
        { heads: full.heads.map((own) => without(own, [1, 2])) },
        squares(all.flatMap((layer) => [scores.heads?.[layer]?.[1], scores.heads?.[layer]?.[2]])),
      ],
      [
        { heads: full.heads.map((own) => without(own, [0, 1])), kvHeads: full.kvHeads.map((own) => without(own, [0])) },
        squares(
          all.flatMap((layer) => [
            scores.heads?.[layer]?.[0],
            scores.heads?.[layer]?.[1],
            scores.kvHeads?.[layer]?.[0],
          ]),
        ),
      ],
      [
        { layers: [0, 2], ffn: full.ffn.slice(1), heads: full.heads.slice(1), kvHeads: full.kvHeads.slice(1) },
        squares([scores.layers?.[1]]),
      ],
    ];
    for (const [plan, expected] of cases) expect(await lost(plan)).toBeCloseTo(expected, 4);
    // The halves are the layer without its norms, whose weights are ones and little more.
    const halves = squares([scores.attention?.[1], scores.feedForward?.[1]]);
    const norms = squares([scores.layers?.[1]]) - halves;
    const [a, b] = await Promise.all(
      ['input_layernorm', 'post_attention_layernorm'].map((name) =>
        model.weights.read(`model.layers.1.${name}.weight`),
      ),
    );
    expect(norms).toBeCloseTo(squares([...(a ?? []), ...(b ?? [])]), 4);
  });
});

test('random scores are the same for a seed, and other ones for another', async () => {
  const statistics = { model: '', folds: [], samples: 0, tokens: 0, sums: {} };
  const own = (seed: number) => combineScores([randomScorer()], observedOf(model, statistics, random(seed)));
  expect(await own(1)).toEqual(await own(1));
  expect((await own(1)).hidden).not.toEqual((await own(2)).hidden);
  expect((await own(1)).ffn?.[0]).not.toEqual((await own(1)).ffn?.[1]);
});
