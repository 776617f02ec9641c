// The table of a study, from made-up numbers.
import { expect, test } from 'vitest';
import { studyTable } from './report.js';
import { crossover } from './training-experiments.js';

const seeds = [0, 0.1, 0.2].map((shift) => ({
  KL: { loss: 1 + shift, cloze: 0.6 },
  'LM loss': { loss: 1.05 + shift, cloze: 0.6 },
  other: { loss: 1 - shift / 2 + shift, cloze: 0.6 },
}));

test('differences are taken seed by seed, and nobody within noise is called better', () => {
  const table = studyTable([{ name: 'losses', claim: 'KL is best', seeds }]);
  expect(table).toContain('Claim: KL is best.');
  expect(table).toMatch(/\| LM loss .*\+0\.0500 ± 0\.0000, worse \|/);
  expect(table).toMatch(/\| other .*within noise \|/);
});

test('the crossover is the first step from which one curve stays below the other', () => {
  const falling = Array.from({ length: 60 }, (_, step) => 10 - step / 6);
  const flat = Array.from({ length: 60 }, () => 5);
  const step = crossover(falling, flat);
  expect(step).toBeGreaterThan(30);
  expect(step).toBeLessThan(36 + 10);
  expect(crossover(flat, falling)).toBeNaN();
});
