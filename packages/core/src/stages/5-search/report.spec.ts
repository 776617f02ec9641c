// What is told about candidates: the front, and a winner within the noise.
import { expect, test } from 'vitest';
import type { StageReport } from '../../pipeline/index.js';
import { toyArchitecture, toyFamily } from '../testing/toy-model.js';
import { pairedDifference, paretoFront, reportRanking } from './report.js';
import type { Ranked } from './search-strategy.js';
import { InternalError } from '../../errors.js';

const ranked = (cost: number, losses: readonly number[], tokens = 10): Ranked => ({
  architecture: { ...toyArchitecture, sizes: { ...toyArchitecture.sizes, ffn: cost } },
  cost,
  proxy: 0,
  tokens,
  loss: losses.reduce((a, b) => a + b, 0) / losses.length,
  losses,
});

function reports(list: readonly Ranked[]): readonly StageReport[] {
  const events: StageReport[] = [];
  const tools = { report: (event: StageReport) => void events.push(event), signal: new AbortController().signal };
  expect(reportRanking(list, toyFamily, String, tools)).toBe(list[0]);
  return events;
}

test('the front has who is beaten by nobody in both respects', () => {
  const [cheap, good, beaten, equal] = [ranked(1, [3]), ranked(5, [1]), ranked(5, [2]), ranked(1, [3])];
  expect(paretoFront([cheap, good, beaten, equal])).toEqual([cheap, good, equal]);
});

test('differences are taken batch by batch', () => {
  // 0.1, 0.3, 0.2: mean 0.2, standard deviation 0.1
  const { mean, error } = pairedDifference(ranked(1, [1.1, 5.3, 9.2]), ranked(1, [1, 5, 9]));
  expect(mean).toBeCloseTo(0.2, 12);
  expect(error).toBeCloseTo(0.1 / Math.sqrt(3), 12);
  expect(pairedDifference(ranked(1, [1]), ranked(1, [2]))).toEqual({ mean: -1, error: Infinity });
  expect(() => pairedDifference(ranked(1, [1, 2]), ranked(1, [1]))).toThrow(InternalError);
});

test('a clear winner is told as such', () => {
  const [finding, ...rest] = reports([ranked(3, [1, 5, 9]), ranked(2, [1.2, 5.2, 9.21])]);
  expect(rest).toEqual([]);
  expect(finding).toMatchObject({
    name: 'candidates',
    data: {
      candidates: [
        { name: '3 layers, hidden 4, ffn 3, heads 4', chosen: true, pareto: true, loss: 5, tokens: 10 },
        { chosen: false, pareto: true },
      ],
    },
  });
});

test.each([
  ['differs from batch to batch', [ranked(3, [1, 5, 9]), ranked(2, [1.3, 4.9, 9.1])]],
  ['rests on a single batch', [ranked(3, [1]), ranked(2, [2])]],
])('a lead that %s is within the noise', (_what, list) => {
  expect(reports(list)[1]).toMatchObject({
    type: 'warning',
    message: expect.stringMatching(/within the noise/) as string,
  });
});

test('a second that had less training is no rival', () => {
  expect(reports([ranked(3, [1]), ranked(2, [1.1], 5)])).toHaveLength(1);
});
