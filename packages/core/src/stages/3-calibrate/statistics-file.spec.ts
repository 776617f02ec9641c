// Statistics on disk: what is read back, and what is refused.
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../../errors.js';
import { encode, writeSafetensors } from '../../formats/index.js';
import { readStatistics, writeStatistics } from './statistics-file.js';
import { statistic, type Statistics } from './statistics.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'statistics-'));
});
afterAll(() => rm(folder, { recursive: true }));

const statistics: Statistics = {
  model: 'abc',
  folds: [
    { samples: 2, tokens: 30 },
    { samples: 1, tokens: 7 },
  ],
  samples: 3,
  tokens: 37,
  sums: {
    'ffnActivation/0/mean/squares': Float32Array.of(1, 2.5, -0, 4e-38, 5, 6),
    'block-influence/0': Float32Array.of(0.1, 7),
  },
};

test('what was written is read back bit for bit, and nothing else is left in the folder', async () => {
  const path = join(folder, 'whole.safetensors');
  await writeStatistics(path, statistics);
  await writeStatistics(path, statistics);
  expect(await readStatistics(path)).toEqual(statistics);
  expect(await readdir(folder)).toEqual(['whole.safetensors']);
});

test('statistics of nothing can be kept too', async () => {
  const path = join(folder, 'none.safetensors');
  const none = { model: 'abc', folds: [], samples: 0, tokens: 0, sums: {} };
  await writeStatistics(path, none);
  expect(await readStatistics(path)).toEqual(none);
});

test('a sum may be called as what every object has', async () => {
  const path = join(folder, 'odd.safetensors');
  const names = ['__proto__', 'constructor', 'toString'];
  const sums = Object.fromEntries(names.map((name, index) => [name, Float32Array.of(index, 1)]));
  await writeStatistics(path, { ...statistics, sums });
  const read = await readStatistics(path);
  expect(Object.keys(read.sums).toSorted()).toEqual(names.toSorted());
  expect(Object.getPrototypeOf(read.sums)).toBe(Object.prototype);
  expect(statistic(read, '__proto__')).toEqual(Float64Array.of(1));
  expect(() => statistic({ ...statistics }, 'constructor')).toThrow(/not among the 2 that were calibrated/);
});

test('a file cut short, at any length, and one of something else are refused', async () => {
  const path = join(folder, 'cut.safetensors');
  await writeStatistics(path, statistics);
  const whole = await readFile(path);
  for (const length of [0, 7, 40, whole.length - 33, whole.length - 1]) {
    await writeFile(path, whole);
    await truncate(path, length);
    await expect(readStatistics(path)).rejects.toThrow(InputError);
  }
  await expect(readStatistics(join(folder, 'nowhere'))).rejects.toThrow('there is no such file or folder');
});

const row = { name: 'a', type: 'F32', shape: [2, 1] } as const;
const header = (folds: number, version = 1) =>
  JSON.stringify({ version, model: 'm', folds: Array.from({ length: folds }, () => ({ samples: 1, tokens: 1 })) });
test.each([
  ['something else', {}, [1, 2]],
  ['its description cannot be read', { 'espalier.statistics': '{' }, [1, 2]],
  ['its description cannot be read', { 'espalier.statistics': header(2, 99) }, [1, 2]],
  ['"a" is [2, 1], and there are 3 folds', { 'espalier.statistics': header(3) }, [1, 2]],
  ['"a" holds a number that is NaN or infinite', { 'espalier.statistics': header(2) }, [1, Infinity]],
])('a file is refused: %s', async (message, metadata, values) => {
  const path = join(folder, 'wrong.safetensors');
  await writeSafetensors(path, [row], () => [encode(Float32Array.from(values), 'F32')], metadata);
  await expect(readStatistics(path)).rejects.toThrow(message);
  await expect(readStatistics(path)).rejects.toThrow(InputError);
});
