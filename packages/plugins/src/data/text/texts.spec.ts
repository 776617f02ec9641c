// Texts out of files of each format, and what is refused with the place where it is wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { InputError } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lines, wholeText } from './lines.js';
import { openTexts, type TextSpec } from './texts.js';

/** Made by pyarrow: tools/oracle/parquet-text.py. */
const parquet = fileURLToPath(new URL('fixtures/texts.parquet', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-texts-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function readAll(file: string, spec: Partial<TextSpec> = {}): Promise<readonly (string | null)[]> {
  const texts = await openTexts([file], { split: 'lines', field: 'text', ...spec });
  const found: (string | null)[] = [];
  for await (const text of texts.read()) found.push(text);
  return found;
}
async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}
const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

test('lines or the whole of a text file are documents; empty lines are none', async () => {
  const name = await file('a.txt', 'one\r\n\ntwo\n');
  expect(await readAll(name)).toEqual(['one', 'two']);
  expect(await readAll(name, { split: 'whole' })).toEqual(['one\r\n\ntwo\n']);
  expect(await readAll(await file('b.txt', 'one\ntwo'))).toEqual(['one', 'two']);
  expect(await readAll(await file('c.txt', ''))).toEqual([]);
});

test('a line ends at LF or CRLF, and at no other character that some take for an end', async () => {
  const odd = 'a\u2028b\u2029c\u0085d\re\u000bf\u000cg\u0000h';
  expect(await readAll(await file('a.txt', `${odd}\r\n${odd}\n${odd}`))).toEqual([odd, odd, odd]);
  const json = JSON.stringify({ text: odd });
  expect(json).toContain('\u2028');
  expect(await readAll(await file('a.jsonl', `${json}\n${json}\n`))).toEqual([odd, odd]);
});

test('lines are whole wherever a file is cut into pieces', async () => {
  // Longer than what is read at a time, with characters of three bytes across the cuts and a line of several pieces.
  const all = [
    ...Array.from({ length: 30_000 }, (_, index) => `${'€'.repeat(index % 40)} ${index}`),
    '€'.repeat(300_000),
    'end',
  ];
  expect(await readAll(await file('a.txt', all.join('\n')))).toEqual(all);
  expect(await readAll(await file('a.txt.gz', gzipSync(all.join('\r\n'))))).toEqual(all);
});

test('a mark of UTF-8 at the beginning is no part of the text, and elsewhere it is', async () => {
  const mark = [0xef, 0xbb, 0xbf];
  expect(await readAll(await file('a.txt', bytes(mark, 'one\n', mark, 'two')))).toEqual(['one', '\ufefftwo']);
  expect(await readAll(await file('a.jsonl', bytes(mark, '{"text":"one"}\n')))).toEqual(['one']);
  expect(await readAll(await file('a.json', bytes(mark, '[{"text":"one"}]')))).toEqual(['one']);
  expect(await readAll(await file('b.txt', bytes(mark, 'one\n')), { split: 'whole' })).toEqual(['one\n']);
});

test.each<[string, string, Buffer, Partial<TextSpec>, RegExp]>([
  [
    'Latin-1',
    'a.txt',
    bytes('one\ncaf', [0xe9], ' two\n'),
    {},
    /line 2 is no UTF-8 at byte 7 .*0xE9.*Latin-1: iconv -f ISO-8859-1/,
  ],
  [
    'Latin-1 in a whole file',
    'a.txt',
    bytes('one\n\ncaf', [0xe9], ' two\n'),
    { split: 'whole' },
    /line 3 is no UTF-8 at byte 8 /,
  ],
  ['Latin-1 after a mark', 'a.txt', bytes([0xef, 0xbb, 0xbf], 'é', [0xe9], 'x'), {}, /line 1 is no UTF-8 at byte 5 /],
  [
    'Latin-1 in JSON',
    'a.jsonl',
    bytes('{"text":"one"}\n{"text":"', [0xe9], '"}'),
    {},
    /line 2 is no UTF-8 at byte 24 /,
  ],
  [
    'Latin-1 in an array',
    'a.json',
    bytes('[{"text":"one"},\n{"text":"', [0xe9], '"}]'),
    {},
    /line 2 is no UTF-8 at byte 26 /,
  ],
  ['quotation marks of Windows', 'a.txt', bytes([0x93], 'one', [0x94]), {}, /byte 0 .*0x93.*iconv -f WINDOWS-1252/],
  ['a character that is cut', 'a.txt', bytes('ab', [0xe2, 0x82]), {}, /line 1 is no UTF-8 at byte 2 /],
  ['half a surrogate pair as bytes', 'a.txt', bytes('ab\n', [0xed, 0xa0, 0x80]), {}, /line 2 is no UTF-8 at byte 3 /],
  ['a long way of writing "/"', 'a.txt', bytes([0xc0, 0xaf]), {}, /byte 0 /],
  [
    'UTF-16 with its mark',
    'a.txt',
    Buffer.from('\ufeffone\ntwo', 'utf16le'),
    {},
    /begins as UTF-16 does.*iconv -f UTF-16 -t UTF-8/,
  ],
  ['UTF-16 without it', 'a.txt', Buffer.from('one\ntwo three', 'utf16le'), {}, /begins as UTF-16LE does/],
  [
    'UTF-16 the other way round',
    'a.txt',
    Buffer.from('one\ntwo three', 'utf16le').swap16(),
    {},
    /begins as UTF-16BE does/,
  ],
])('what is no UTF-8 is refused with its place: %s', async (_what, name, content, spec, message) => {
  const attempt = readAll(await file(name, content), spec);
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(message);
});

test('JSON lines give a field, or one within, and strings as they are', async () => {
  const name = await file('a.jsonl', '{"text":"one","m":{"c":"in"}}\n"plain"\n\n');
  expect(await readAll(name)).toEqual(['one', 'plain']);
  expect(await readAll(await file('b.ndjson', '{"m":{"c":"in"}}'), { field: 'm.c' })).toEqual(['in']);
});

test('an array of records is read as JSON lines are', async () => {
  const array = '\n [ {"text":"one"},\n "plain", {"text":null}, {"text":""} ]\n';
  expect(await readAll(await file('a.json', array))).toEqual(['one', 'plain', null]);
  expect(await readAll(await file('a.jsonl', array))).toEqual(['one', 'plain', null]);
});

test('a row without a text is null: the row, the field, or what holds it', async () => {
  const rows = '{"m":{"c":"in"}}\nnull\n{"m":null}\n{"m":{"c":null}}\n';
  expect(await readAll(await file('a.jsonl', rows), { field: 'm.c' })).toEqual(['in', null, null, null]);
});

test('Parquet gives a column across row groups', async () => {
  expect(await readAll(parquet)).toEqual(['one', 'two — zwei']);
});

test('what gzip packed is read, whatever its name', async () => {
  expect(await readAll(await file('a.jsonl.gz', gzipSync('{"text":"one"}\n')))).toEqual(['one']);
  expect(await readAll(await file('a.txt', gzipSync('one\ntwo')))).toEqual(['one', 'two']);
  await expect(readAll(await file('b.txt.gz', gzipSync('one\ntwo'.repeat(999)).subarray(0, 30)))).rejects.toThrow(
    InputError,
  );
});

const chat = '{"messages":[{"role":"user","content":"hi"}]}';
test.each<[string, string, string | Buffer, Partial<TextSpec>, RegExp]>([
  ['a line that is no JSON', 'a.jsonl', '{"text":"one"}\n{"text":\n', {}, /line 2 of .*as JSON/],
  ['an array that is cut', 'a.json', '[{"text":"one"},', {}, /as JSON: .*begins as an array/],
  [
    'a field that is not there',
    'a.jsonl',
    '{"story":"one","n":1}',
    {},
    /no such field. Name a field with text .*: story/,
  ],
  ['a field of the prototype', 'a.jsonl', '{"n":1}', { field: 'constructor' }, /no such field/],
  ['a field that is no text', 'a.jsonl', '{"text":1}', {}, /it is a number, not text/],
  ['an element that has no text', 'a.json', '[{"text":"one"},{"text":[1]}]', {}, /element 1 \(0-based\).*it is a list/],
  ['a conversation', 'a.jsonl', chat, {}, /"messages" is a conversation.*apply_chat_template.*weight for each token/],
  ['a conversation by name', 'a.jsonl', chat, { field: 'messages' }, /"messages" is a conversation/],
  [
    'half a surrogate pair',
    'a.jsonl',
    '{"text":"one"}\n{"text":"a\\ud83d b"}',
    {},
    /line 2 .*half of a surrogate pair, \\ud83d/,
  ],
  ['half a pair in an array', 'a.json', '["\\ude00"]', {}, /element 0 .*half of a surrogate pair/],
  ['a table', 'a.csv', 'n,text\n0,one\n', {}, /tables \(\.csv\) are not read.*pandas/],
  ['a packed table', 'a.tsv.gz', gzipSync('n\ttext'), {}, /tables \(\.tsv\)/],
  [
    'Zstandard',
    'a.jsonl.zst',
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]),
    {},
    /it is Zstandard. Unpack it first: zstd -d/,
  ],
  ['a zip archive', 'a.txt', Buffer.from('PK\u0003\u0004rest'), {}, /a zip archive/],
  ['Parquet by another name', 'a.txt', Buffer.from('PAR1rest'), {}, /it is Parquet. Read it with format parquet/],
])('%s is refused', async (_what, name, content, spec, message) => {
  const attempt = file(name, content).then((path) => readAll(path, spec));
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow(message);
});

test('a pair of surrogates, a table by format text, and NUL are text', async () => {
  expect(await readAll(await file('a.jsonl', '{"text":"a\\ud83d\\ude00\\u0000"}'))).toEqual(['a😀\u0000']);
  expect(await readAll(await file('a.csv', 'n,text\n'), { format: 'text' })).toEqual(['n,text']);
});

test('a line or a file that is too long for one document is refused with the reason', async () => {
  const name = await file('a.txt', `short\n${'x'.repeat(100)}\n`);
  const read = async (most: number): Promise<number> => {
    let count = 0;
    for await (const { text } of lines(name, most)) count += text.length;
    return count;
  };
  expect(await read(100)).toBe(105);
  await expect(read(99)).rejects.toThrow(/line 2 of .*longer than 99 bytes, and is held in memory/);
  await expect(wholeText(name, 99)).rejects.toThrow(/as a whole: it is longer than 99 bytes/);
});

test('a column that a Parquet file has not is refused with those it has, and a missing file by its path', async () => {
  await expect(readAll(parquet, { field: 'story' })).rejects.toThrow(/text/);
  await expect(readAll(join(folder, 'none.txt'))).rejects.toThrow(InputError);
  await expect(readAll(folder)).rejects.toThrow(/not a regular file/);
});
