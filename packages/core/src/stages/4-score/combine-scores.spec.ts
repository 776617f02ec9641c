// Putting the scores of several scorers together, and refusing those that cannot be right.
import { expect, test } from 'vitest';
import { random } from '../../random.js';
import { toyModel } from '../testing/toy-model.js';
import type { ImportanceScorer, Scores } from './importance-scorer.js';
import { combineScores, observedOf } from './combine-scores.js';

const statistics = { model: '', folds: [{ samples: 1, tokens: 1 }], samples: 1, tokens: 1, sums: {} };
const observed = observedOf(toyModel(), statistics, random(1));

const scorer = (name: string, scores: Partial<Scores>): ImportanceScorer => ({
  name,
  summary: '',
  observe: () => [],
  score: () => scores,
});
const combine = (...scorers: ImportanceScorer[]): Promise<Partial<Scores>> => combineScores(scorers, observed);

test('scorers of different axes go together', async () => {
  const scores = await combine(scorer('a', { hidden: [1, 2, 3, 4] }), scorer('b', { layers: [3, 2, 1] }));
  expect(scores).toEqual({ hidden: [1, 2, 3, 4], layers: [3, 2, 1] });
});

test('two scorers of one axis are refused', async () => {
  const layers = [1, 2, 3];
  await expect(combine(scorer('a', { layers }), scorer('b', { layers }))).rejects.toThrow(
    'score layers with b: a scores them already. Use one scorer for each axis: "axes" of a scorer in a recipe',
  );
});

const row = [1, 2, 3, 4];
test.each<[string, Partial<Scores>]>([
  ['2 scores of attention, the model has 3', { attention: [1, 2] }],
  ['4 scores of kvHeads in layer 0 (0-based), the model has 2', { kvHeads: [row, row, row] }],
  ['2 scores of layers, the model has 3', { layers: [1, 2] }],
  ['heads of 2 layers, the model has 3', { heads: [row, row] }],
  ['4 scores of ffn in layer 0 (0-based), the model has 6', { ffn: [row, row, row] }],
  ['the score of number 2 is NaN', { hidden: [1, 2, NaN, 4] }],
  [
    'score heads in layer 1 (0-based) with a: the score of number 0 is Infinity',
    { heads: [row, [Infinity, 1, 1, 1], row] },
  ],
])('scores that cannot be right are refused: %s', async (message, scores) => {
  await expect(combine(scorer('a', scores))).rejects.toThrow(message);
});

test('a scorer that throws, names no axis that there is, or scores nothing is named', async () => {
  const throwing: ImportanceScorer = {
    ...scorer('a', {}),
    score: () => {
      throw new Error('boom');
    },
  };
  await expect(combine(throwing)).rejects.toThrow('score with a: boom. Correct the scorer.');
  const misspelt = { ffm: [[1]] };
  await expect(combine(scorer('a', misspelt as Partial<Scores>))).rejects.toThrow(
    'use the scores of a: "ffm" is no axis',
  );
  await expect(combine(scorer('a', {}))).rejects.toThrow('use the scores of a: it scores nothing');
});
