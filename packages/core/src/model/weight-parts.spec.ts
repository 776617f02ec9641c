import { expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { memoryWeights, type Weights } from './model.js';
import { weightParts, type WeightPart } from './weight-parts.js';

const values = Float32Array.from({ length: 35 }, (_, index) => index);
const ranged = memoryWeights(new Map([['w', values]]));

async function all(parts: AsyncIterable<WeightPart>): Promise<WeightPart[]> {
  const found: WeightPart[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

test.each<[what: string, shape: number[], most: number, begins: number[]]>([
  ['whole rows, as many as are allowed', [7, 5], 12, [0, 10, 20, 30]],
  ['a row at a time where a row is longer than allowed', [7, 5], 3, [0, 5, 10, 15, 20, 25, 30]],
  ['everything at once where that is allowed', [7, 5], 35, [0]],
  ['elements of a vector', [35], 20, [0, 20]],
])('parts are %s', async (_, shape, most, begins) => {
  for (const weights of [ranged, { read: (name: string) => ranged.read(name) }]) {
    const parts = await all(weightParts(weights, 'w', shape, most));
    expect(parts.map(({ begin }) => begin)).toEqual(begins);
    expect(parts.flatMap((part) => [...part.values])).toEqual([...values]);
  }
});

test('a source that can be read in parts is never read whole, and another once', async () => {
  let reads = 0;
  const counting: Weights = {
    read(name) {
      reads += 1;
      return ranged.read(name);
    },
  };
  await all(weightParts(counting, 'w', [7, 5], 5));
  expect(reads).toBe(1);
  const { range } = ranged;
  await all(weightParts({ ...counting, ...(range && { range }) }, 'w', [7, 5], 5));
  expect(reads).toBe(1);
});

test('a source that gives other numbers of values is refused', async () => {
  const whole = all(weightParts({ read: (name) => ranged.read(name) }, 'w', [6, 6]));
  await expect(whole).rejects.toThrow('read weight w: its source gives 35 values, [6, 6] has 36. Give the config.json');
  const part = all(weightParts({ ...ranged, range: () => Promise.resolve(new Float32Array(4)) }, 'w', [7, 5], 5));
  await expect(part).rejects.toThrow('gives 4 values, [7, 5] has 35, of which 5 were asked for');
  await expect(part).rejects.toThrow(InputError);
});
