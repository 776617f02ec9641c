// The suite that every importance scorer must pass. In a spec file: describeScorer(myScorer).
import { describe, expect, test } from 'vitest';
import {
  applyPlan,
  at,
  batchList,
  collectStatistics,
  combineScores,
  expectClose,
  fullPlan,
  observedOf,
  padRows,
  present,
  random,
  type ImportanceScorer,
  type Model,
  type PrunePlan,
  type Scores,
  type SizedBatches,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { tinyModel } from './tiny-model.js';

/** What is promised beyond being a scorer. */
export interface ScorerPromises {
  /** Whether scores follow their unit when units change places; true when not given, false for random scores. */
  readonly equivariant?: boolean;
}

const documents = [
  [1, 5, 9, 14, 3, 20, 8],
  [1, 7, 7, 21],
  [1, 12, 4, 19, 6],
  [1, 3, 22, 10, 11, 5],
];
const samples = documents.length;

/** The documents in batches of sequences of this length; the longest has 6 tokens that count. */
function batches(batch: number, length: number): SizedBatches {
  return batchList(
    Array.from({ length: Math.ceil(samples / batch) }, (_, index) =>
      padRows(documents.slice(index * batch, (index + 1) * batch), { batch, length }),
    ),
  );
}

async function scoresOf(scorer: ImportanceScorer, model: Model, batch = 2, length = 6): Promise<Partial<Scores>> {
  const context = { backend: referenceBackend(), random: random(1) };
  const tools = { report: () => undefined, signal: new AbortController().signal };
  const options = { scorers: [scorer], samples, folds: 2, data: batches(batch, length) };
  const statistics = await collectStatistics(model, options, context, tools);
  return combineScores([scorer], observedOf(model, statistics, random(1)));
}

/** All numbers of some scores, axis by axis. */
function flat(scores: Partial<Scores>): readonly number[] {
  return Object.values(scores).flat(2);
}

/**
 * Declares the suite's tests, on a tiny model in float64: finite scores of the axes it names, the same again, blind to padding
 * and to how the sample is batched and, where `equivariant`, following their unit when units change places.
 */
export function describeScorer(scorer: ImportanceScorer, { equivariant = true }: ScorerPromises = {}): void {
  describe(`scorer ${scorer.name}`, () => {
    test('gives finite scores of the right number, and some', async () => {
      // Counts and finiteness are checked by `combineScores`.
      const scores = await scoresOf(scorer, tinyModel());
      expect(flat(scores)).not.toEqual([]);
      if (scorer.axes !== undefined) expect(Object.keys(scores).toSorted()).toEqual(scorer.axes.toSorted());
    });

    test('gives the same scores again', async () => {
      expect(await scoresOf(scorer, tinyModel())).toEqual(await scoresOf(scorer, tinyModel()));
    });

    test('does not see padding, nor how the sample is batched', async () => {
      const expected = flat(await scoresOf(scorer, tinyModel()));
      expectClose(flat(await scoresOf(scorer, tinyModel(), 2, 11)), expected, 1e-5, 'longer sequences');
      expectClose(flat(await scoresOf(scorer, tinyModel(), 1, 6)), expected, 1e-5, 'smaller batches');
    });

    if (equivariant) {
      test('scores follow their unit when units change places', async () => {
        const model = tinyModel();
        const plan = shuffled(model);
        const [before, after] = [await scoresOf(scorer, model), await scoresOf(scorer, applyPlan(model, plan))];
        const inOrder = (scores: readonly number[], order: readonly number[]): number[] =>
          order.map((own) => at(scores, own));
        if (before.hidden)
          expectClose(present(after.hidden, 'hidden'), inOrder(before.hidden, plan.hidden), 1e-5, 'hidden');
        for (const axis of ['ffn', 'heads'] as const) {
          before[axis]?.forEach((own, layer) => {
            const found = at(present(after[axis], axis), layer);
            expectClose(found, inOrder(own, at(plan[axis], layer)), 1e-5, `${axis} ${layer}`);
          });
        }
        if (before.layers) expectClose(present(after.layers, 'layers'), before.layers, 1e-5, 'layers');
      });
    }
  });
}

/** Everything stays, in another order; heads change places within their group. */
function shuffled({ architecture }: Model): PrunePlan {
  const stream = random(9);
  const { heads, kvHeads } = architecture.sizes;
  const whole = fullPlan(architecture);
  const group = heads / kvHeads;
  const within = (own: readonly number[]): readonly number[] =>
    Array.from({ length: kvHeads }, (_, index) => stream.shuffle(own.slice(index * group, (index + 1) * group))).flat();
  return {
    ...whole,
    hidden: stream.shuffle(whole.hidden),
    ffn: whole.ffn.map((own) => stream.shuffle(own)),
    heads: whole.heads.map(within),
  };
}
