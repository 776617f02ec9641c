// What `--data` means: one text, or several with weights.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataOf } from './run-flags.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (...sources: readonly string[]) => dataOf(sources, 'lines', 'text');

test('one text is itself, several have a weight each, 1 where none is said', () => {
  expect(read('a.txt')).toEqual({ source: 'a.txt' });
  expect(read('hub:me/mine')).toEqual({ source: 'hub:me/mine' });
  expect(read('a.txt:3', 'hub:me/mine:0.5', 'C:\\b.txt')).toEqual([
    { source: 'a.txt', weight: 3 },
    { source: 'hub:me/mine', weight: 0.5 },
    { source: 'C:\\b.txt', weight: 1 },
  ]);
});

test('how files are read is said of each of several', () => {
  expect(dataOf(['a.jsonl', 'b.jsonl:2'], 'lines', 'story')).toEqual([
    { source: 'a.jsonl', field: 'story', weight: 1 },
    { source: 'b.jsonl', field: 'story', weight: 2 },
  ]);
});

test('a weight of 0 is refused, and a file whose name ends as a weight does is that file', async () => {
  expect(() => read('a.txt:0')).toThrow('its weight is 0');
  const odd = join(folder, 'notes:3');
  await writeFile(odd, 'a line');
  expect(read(odd)).toEqual({ source: odd });
});
