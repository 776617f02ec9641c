// Which files a source means.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { InputError } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anchorPaths } from '../recipe/anchor.js';
import { patternIn } from '../recipe/pattern.js';
import { localFiles } from './local-files.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-files-'));
  await mkdir(join(folder, 'more'));
  for (const name of ['b.txt', 'a.txt', 'c.jsonl', 'note.md', 'more/d.txt', 'odd*name.txt'])
    await writeFile(join(folder, name), 'text');
});
afterAll(() => rm(folder, { recursive: true }));

const found = async (source: string, files?: string): Promise<readonly string[]> =>
  (await localFiles(join(folder, source), files)).map((path) => relative(folder, path).replaceAll('\\', '/'));

test.each<readonly [string, string | undefined, readonly string[]]>([
  ['a.txt', undefined, ['a.txt']],
  ['', undefined, ['a.txt', 'b.txt', 'c.jsonl', 'more/d.txt', 'odd*name.txt']],
  ['', '?.txt', ['a.txt', 'b.txt']],
  ['*.jsonl', undefined, ['c.jsonl']],
  ['?.txt', undefined, ['a.txt', 'b.txt']],
  ['**/d.txt', undefined, ['more/d.txt']],
  ['m*/d.txt', undefined, ['more/d.txt']],
  ['*.md', undefined, ['note.md']],
  ['odd*name.txt', undefined, ['odd*name.txt']],
])('%j with %j', async (source, files, expected) => {
  expect(await found(source, files)).toEqual(expected);
});

test('what matches nothing is refused, also where there is no such folder', async () => {
  for (const source of ['*.parquet', 'none/*.txt']) {
    await expect(found(source)).rejects.toThrow(InputError);
    await expect(found(source)).rejects.toThrow(/no file in it matches/);
  }
});

test('a pattern begins in its own folder, in the current one, or at the root', () => {
  expect(patternIn('*.txt')).toEqual({ folder: '.', pattern: '*.txt' });
  expect(patternIn('texts/deep/*.txt')).toEqual({ folder: 'texts/deep', pattern: '*.txt' });
  expect(patternIn('/*.txt')).toEqual({ folder: '/', pattern: '*.txt' });
  expect(patternIn('texts.txt')).toBeUndefined();
});

test('a pattern in a recipe is seen from its folder', () => {
  expect(anchorPaths({ data: 'more/*.txt' }, folder)).toEqual({ data: join(folder, 'more/*.txt') });
  expect(anchorPaths({ data: 'none/*.txt' }, folder)).toEqual({ data: 'none/*.txt' });
});
