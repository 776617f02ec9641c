// Putting the scores of several scorers together, and refusing those that cannot be right.
import { expect, test } from 'vitest';
import { toyArchitecture } from '../testing/toy-model.js';
import type { ImportanceScorer, Scores } from './importance-scorer.js';
import { combineScores } from './score.js';

const statistics = { samples: 1, tokens: 1, values: {} };

const scorer = (name: string, scores: Partial<Scores>): ImportanceScorer => ({
  name,
  summary: '',
  observe: () => [],
  score: () => scores,
});
const combine = (...scorers: ImportanceScorer[]): Partial<Scores> =>
  combineScores(scorers, statistics, toyArchitecture);

test('scorers of different axes go together', () => {
  const scores = combine(scorer('a', { hidden: [1, 2, 3, 4] }), scorer('b', { layers: [3, 2, 1] }));
  expect(scores).toEqual({ hidden: [1, 2, 3, 4], layers: [3, 2, 1] });
});

test('two scorers of one axis are refused', () => {
  const layers = [1, 2, 3];
  expect(() => combine(scorer('a', { layers }), scorer('b', { layers }))).toThrow(
    'score layers with b: a scores them already. Use one scorer for each axis.',
  );
});

const row = [1, 2, 3, 4];
test.each<[string, Partial<Scores>]>([
  ['2 scores of layers, the model has 3', { layers: [1, 2] }],
  ['heads of 2 layers, the model has 3', { heads: [row, row] }],
  ['4 scores of ffn in layer 0 (0-based), the model has 6', { ffn: [row, row, row] }],
  ['the score of number 2 is NaN', { hidden: [1, 2, NaN, 4] }],
  [
    'score heads in layer 1 (0-based) with a: the score of number 0 is Infinity',
    { heads: [row, [Infinity, 1, 1, 1], row] },
  ],
])('scores that cannot be right are refused: %s', (message, scores) => {
  expect(() => combine(scorer('a', scores))).toThrow(message);
});
