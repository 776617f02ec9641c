// The search spaces of Muralidharan et al. 2024 (tables 9 and 19 as numbered at NeurIPS): Nemotron-4 15B to 8B and to 4B, from
// shapes alone. The parameter counts of the named models are exact.
import { chooseArchitecture, computedBudget, parseTarget, type Architecture } from '@espalier/core';
import { expect, test } from 'vitest';
import { nemotron } from '../family/nemotron.js';
import type { GridAxes } from './grid-space.js';
import { gridCandidates, gridMembers, gridOptions, gridSearch } from './grid.js';

/** Nemotron-4 15B. */
const teacher = nemotron().readConfig({
  model_type: 'nemotron',
  num_hidden_layers: 32,
  hidden_size: 6144,
  num_attention_heads: 48,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 24576,
  vocab_size: 256000,
  tie_word_embeddings: false,
});
const model = { family: nemotron(), architecture: teacher };

const layers = [29, 30, 31, 32];
const expansion = [2.5, 3, 3.5, 4];
/** The spaces as a recipe would hold them. 4680 in the paper's table is 4608: its shapes have that. */
const spaces: Readonly<Record<'8B' | '4B', GridAxes>> = {
  '8B': { layers, heads: [32, 48], expansion, hidden: [4096, 4608, 5120, 5632, 6144] },
  '4B': { layers, heads: [24, 32, 48], expansion, hidden: [2560, 3072, 3584, 4096, 4608] },
};

function feasible(axes: GridAxes, target: string, tolerance?: number) {
  const parsed = parseTarget(target);
  if (parsed.kind !== 'parameters') throw new Error('not a number');
  return gridCandidates(model, computedBudget(model, parsed, tolerance), axes).feasible;
}

/** Table 19: layers, heads, feed-forward size, hidden size, and parameters in billions. */
const table19 = [
  [32, 32, 12800, 5120, 8.494],
  [32, 32, 13824, 4608, 7.947],
  [32, 48, 11520, 4608, 7.871],
  [32, 48, 16384, 4096, 8.272], // Minitron 8B
  [31, 32, 12800, 5120, 8.311],
  [31, 32, 16128, 4608, 8.43],
  [31, 48, 13824, 4608, 8.357],
  [31, 48, 16384, 4096, 8.079],
  [30, 32, 12800, 5120, 8.127],
  [30, 32, 16128, 4608, 8.235],
  [30, 48, 13824, 4608, 8.164],
  [30, 48, 16384, 4096, 7.886],
  [29, 32, 12800, 5120, 7.944],
  [29, 32, 16128, 4608, 8.039],
  [29, 48, 13824, 4608, 7.97],
];

const row = ({ architecture, cost }: { readonly architecture: Architecture; readonly cost: number }): string => {
  const { sizes, layers: depth } = architecture;
  return [depth, sizes.heads, sizes.ffn, sizes.hidden, (cost / 1e9).toFixed(3)].join(' ');
};

test('the fifteen shapes of table 19, and no other, have 7.8 to 8.5B parameters', () => {
  const expected = table19.map(([depth, heads, ffn, hidden, billions = 0]) =>
    [depth, heads, ffn, hidden, billions.toFixed(3)].join(' '),
  );
  expect(feasible(spaces['8B'], '7.8B..8.5B').map(row).sort()).toEqual(expected.sort());
});

test('eighteen shapes have 4B parameters within a twentieth, Minitron 4B among them', () => {
  const found = feasible(spaces['4B'], '4B', 0.05);
  expect(found).toHaveLength(18);
  expect(feasible(spaces['4B'], '3.8B..4.2B')).toEqual(found);
  expect(found.map(({ cost }) => cost)).toContain(4_190_509_056);
  for (const { cost } of found) expect(Math.abs(cost / 4e9 - 1)).toBeLessThanOrEqual(0.05);
});

test('the nominal window of a twentieth around 8B has eighteen shapes too, not the fifteen of the table', () => {
  expect(feasible(spaces['8B'], '8B', 0.05)).toHaveLength(18);
});

test('the shapes that go on differ in depth, width and heads', () => {
  const target = parseTarget('4B');
  if (target.kind !== 'parameters') throw new Error('not a number');
  const options = gridOptions.parse({ ...spaces['4B'], candidates: 6 });
  const { space, candidates } = gridMembers(options).list(model, computedBudget(model, target, 0.05));
  expect(space).toMatchObject({ shapes: 240, feasible: 18 });
  const [below, above] = space.nearest.map(({ cost }) => cost);
  expect(below).toBeLessThanOrEqual(4.2e9);
  expect(above).toBeGreaterThan(4.2e9);
  expect(candidates).toHaveLength(6);
  for (const pick of [
    ({ layers: own }: Architecture) => own,
    ({ sizes }: Architecture) => sizes.hidden,
    ({ sizes }: Architecture) => sizes.heads,
  ]) {
    expect(new Set(candidates.map(({ architecture }) => pick(architecture))).size).toBeGreaterThan(1);
  }
  const proxies = candidates.map(({ proxy }) => proxy);
  expect(proxies).toEqual(proxies.toSorted((a, b) => b - a));
});

test('a window that nothing is in names the nearest shapes', () => {
  const search = gridSearch(spaces['4B']);
  expect(() => chooseArchitecture(search, model, parseTarget('2B'))).toThrow(
    /search a shape of 1,900,000,000 parameters to 2,100,000,000 parameters: none of the 240 shapes .* The nearest are [\d,]+ parameters \(29 layers, hidden 2560/,
  );
  expect(() => chooseArchitecture(search, model, parseTarget('4.19B..4.1901B'))).toThrow(
    /nearest are .* and .*: give one/,
  );
});
