// Texts out of files of each format.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTexts, type TextSpec } from './texts.js';

/** Made by pyarrow: tools/oracle/parquet-text.py. */
const parquet = fileURLToPath(new URL('fixtures/texts.parquet', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-texts-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function readAll(file: string, spec: Partial<TextSpec> = {}): Promise<readonly string[]> {
  const texts = await openTexts([file], { split: 'lines', field: 'text', ...spec });
  const found: string[] = [];
  for await (const text of texts.read()) found.push(text);
  return found;
}
async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

test('lines or the whole of a text file are documents; empty lines are none', async () => {
  const name = await file('a.txt', 'one\r\n\ntwo\n');
  expect(await readAll(name)).toEqual(['one', 'two']);
  expect(await readAll(name, { split: 'whole' })).toEqual(['one\r\n\ntwo\n']);
});

test('JSON lines give a field, or one within, and strings as they are', async () => {
  const name = await file('a.jsonl', '{"text":"one","m":{"c":"in"}}\n"plain"\n\n');
  expect(await readAll(name)).toEqual(['one', 'plain']);
  expect(await readAll(await file('b.ndjson', '{"m":{"c":"in"}}'), { field: 'm.c' })).toEqual(['in']);
});

test('Parquet gives a column across row groups', async () => {
  expect(await readAll(parquet)).toEqual(['one', 'two — zwei']);
});

test.each<[string, string, string, Partial<TextSpec>, RegExp]>([
  ['a line that is no JSON', 'a.jsonl', '{"text":"one"}\n{"text":\n', {}, /line 2 of .*as JSON/],
  ['a field that is not there', 'a.jsonl', '{"story":"one","n":1}', {}, /no such field. Fields with text are story/],
  ['a field that is no text', 'a.jsonl', '{"text":1}', {}, /it is a number, not text/],
])('%s is refused', async (_what, name, text, spec, message) => {
  const attempt = readAll(await file(name, text), spec);
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(message);
});

test('a column that a Parquet file has not is refused with those it has, and a missing file by its path', async () => {
  await expect(readAll(parquet, { field: 'story' })).rejects.toThrow(/text/);
  await expect(readAll(join(folder, 'none.txt'))).rejects.toThrow(InputError);
});
