import { describe, expect, test } from 'vitest';
import { hostFloats, referenceBackend } from '../backend/index.js';
import { input, program } from '../graph/index.js';
import { random } from '../random.js';
import { sampleIds } from './sampling.js';

interface Draw {
  readonly temperature?: number;
  readonly topP?: number;
}

/** Ids drawn from one row of logits, one for each uniform number. */
async function draw(row: readonly number[], uniforms: readonly number[], options: Draw = {}): Promise<number[]> {
  const { temperature = 1, topP } = options;
  const rows = uniforms.length;
  const inputs = {
    logits: input('logits', [rows, row.length], 'float32'),
    uniform: input('uniform', [rows], 'float32'),
    temperature: input('temperature', [], 'float32'),
  };
  const ids = sampleIds(topP === undefined ? inputs : { ...inputs, topP: input('topP', [], 'float32') });
  const executable = await referenceBackend().compile(program('draw', { outputs: { ids } }));
  const results = await executable.run({
    logits: hostFloats(
      uniforms.flatMap(() => row),
      [rows, row.length],
    ),
    uniform: hostFloats(uniforms, [rows]),
    temperature: hostFloats(temperature, []),
    topP: hostFloats(topP ?? 1, []),
  });
  return [...(results['ids']?.data ?? [])];
}

const distribution = [0.1, 0.4, 0.05, 0.25, 0.2];
const logits = distribution.map((p) => Math.log(p) + 3);
const grid = (count: number): number[] => Array.from({ length: count }, (_, i) => (i + 0.5) / count);
const counts = (ids: readonly number[], of: number): number[] =>
  Array.from({ length: of }, (_, id) => ids.filter((own) => own === id).length);

describe('sampling', () => {
  test('a uniform number picks the token whose cumulative probability it falls into', async () => {
    expect(await draw(logits, [0, 0.09, 0.11, 0.49, 0.51, 0.54, 0.56, 0.79, 0.81, 0.99])).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
    ]);
  });

  test('frequencies of random draws are those of the distribution (chi-square, 99.9%)', async () => {
    const stream = random(11);
    const n = 4000;
    const uniforms = Array.from({ length: n }, () => stream.uniform());
    const seen = counts(await draw(logits, uniforms), 5);
    const square = seen.reduce((total, count, id) => {
      const expected = n * (distribution[id] ?? 0);
      return total + (count - expected) ** 2 / expected;
    }, 0);
    expect(square).toBeLessThan(18.47); // 4 degrees of freedom
  });

  test('temperature sharpens and flattens: p^(1/T), normalised', async () => {
    const n = 1000;
    for (const temperature of [0.5, 2]) {
      const powers = distribution.map((p) => p ** (1 / temperature));
      const total = powers.reduce((a, b) => a + b);
      const seen = counts(await draw(logits, grid(n), { temperature }), 5);
      seen.forEach((count, id) => expect(Math.abs(count - (n * (powers[id] ?? 0)) / total)).toBeLessThanOrEqual(1));
    }
  });

  test('temperature 0 takes the likeliest token, the first of equals, whatever the uniform number', async () => {
    expect(await draw([1, 3, 3, -2], grid(5), { temperature: 0 })).toEqual([1, 1, 1, 1, 1]);
    expect(await draw([1, 3, 3, -2], grid(5), { temperature: 0, topP: 0.5 })).toEqual([1, 1, 1, 1, 1]);
  });

  test('a tiny temperature and huge logits give no NaN', async () => {
    expect(await draw([-1e30, 1e30, 1e29], grid(4), { temperature: 2e-6 })).toEqual([1, 1, 1, 1]);
  });

  test('a token of probability 0 is never drawn, not even by 0 or by a number that rounds to 1', async () => {
    expect(await draw([-1e9, 0, 0, -1e9], [0, 1 - 2 ** -32])).toEqual([1, 2]);
  });

  test('top-p draws only from the smallest set that reaches the probability', async () => {
    const seen = counts(await draw(logits, grid(1000), { topP: 0.6 }), 5); // 0.4 + 0.25
    expect(seen[1]).toBeGreaterThanOrEqual(614);
    expect(seen[1]).toBeLessThanOrEqual(616); // 0.4 / 0.65
    expect((seen[1] ?? 0) + (seen[3] ?? 0)).toBe(1000);
  });

  test('top-p of next to nothing leaves the likeliest token, top-p 1 leaves all', async () => {
    expect(new Set(await draw(logits, grid(50), { topP: 1e-6 }))).toEqual(new Set([1]));
    const all = counts(await draw(logits, grid(1000), { topP: 1 }), 5);
    all.forEach((count, id) => expect(Math.abs(count - 1000 * (distribution[id] ?? 0))).toBeLessThanOrEqual(1));
  });
});
