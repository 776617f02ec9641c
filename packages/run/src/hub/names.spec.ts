// Patterns that files of a data set are chosen by.
import { expect, test } from 'vitest';
import { isHubId, matchesPattern } from './names.js';

test.each<[string, string, boolean]>([
  ['data/train-*.parquet', 'data/train-00.parquet', true],
  ['data/train-*.parquet', 'data/more/train-00.parquet', false],
  ['*.txt', 'a/b.txt', false],
  ['**/*.txt', 'a/b/c.txt', true],
  ['**/*.txt', 'c.txt', true],
  ['**', 'a/b', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['a.c', 'abc', false],
  ['', '', true],
  ['', 'a', false],
])('pattern %j and path %j: %j', (pattern, path, matches) => {
  expect(matchesPattern(path, pattern)).toBe(matches);
});

test('a pattern made to take for ever is answered', () => {
  expect(matchesPattern('a'.repeat(1000), `${'*a'.repeat(200)}b`)).toBe(false);
});

test.each([
  ['owner/name', true],
  ['name', false],
  ['owner/..', false],
  ['../name', false],
  ['a/b/c', false],
  ['https://a/b', false],
])('%j as an id: %j', (text, is) => {
  expect(isHubId(text)).toBe(is);
});
