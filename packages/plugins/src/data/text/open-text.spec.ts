// How files become documents to train on and documents held out, whatever their format, size and duplicates.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  documentIds,
  InputError,
  random,
  takeDocuments,
  type Model,
  type OpenData,
  mutedCodec,
  type TextCodec,
  type TrainingDocument,
} from '@espalier/core';
import { tinyModel } from '@espalier/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textSource } from '../text.js';
import { openText, type TextFiles } from './open-text.js';

/** One token a character, 1 begins a text. */
const characters: TextCodec = {
  ...mutedCodec(256),
  prefix: [1],
  encode: (text) => Array.from(text, (own) => own.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
};
const teacher: Model = { ...tinyModel(), tokenizer: characters };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(
  name: string,
  content: string | Buffer,
  spec: Partial<TextFiles> = {},
  small?: number,
): Promise<OpenData> {
  const path = join(folder, name);
  await writeFile(path, content);
  const files = { name, files: [path], split: 'lines', field: 'text', ...spec } as const;
  return openText(files, { teacher, length: 10 }, small);
}
const text = (document: TrainingDocument): string => characters.decode(documentIds(document).slice(1));
const trained = async (data: OpenData, count: number, seed = 1): Promise<readonly string[]> =>
  (await takeDocuments(data.training(random(seed)), count)).map(text);

/** 400 lines, of which every other is one of twelve. */
const many = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? `line ${index}` : `same ${index % 12}`));
const forty = Array.from({ length: 40 }, (_, index) => (index < 30 ? `same ${index % 3}` : `own ${index}`));
const asJson = (rows: readonly string[]): string => rows.map((own) => JSON.stringify({ text: own })).join('\n');

test.each<[string, string, string | Buffer, Partial<TextFiles>, number | undefined]>([
  ['lines', 'a.txt', many.join('\n'), {}, undefined],
  ['forty lines, many of them equal', 'b.txt', forty.join('\n'), {}, undefined],
  ['JSON lines', 'a.jsonl', asJson(many), {}, undefined],
  ['an array', 'a.json', JSON.stringify(many), {}, undefined],
  ['what gzip packed', 'a.txt.gz', gzipSync(many.join('\n')), {}, undefined],
  ['one long text', 'c.txt', 'abcdefghi'.repeat(13) + 'jklmnopqr'.repeat(5), { split: 'whole' }, undefined],
  ['a large text, read in windows', 'd.txt', many.join('\n'), {}, 100],
  ['a large text of few lines, many of them equal', 'e.txt', forty.join('\n'), {}, 100],
  ['large JSON lines', 'f.jsonl', asJson(many), {}, 100],
])('nothing is both held out and trained on: %s', async (_what, name, content, spec, small) => {
  const data = await open(name, content, spec, small);
  const heldOut = (await data.heldOut()).map(text);
  expect(heldOut.length).toBeGreaterThan(0);
  expect(new Set(heldOut).size).toBe(heldOut.length);
  for (const seed of [1, 2]) {
    const training = new Set(await trained(data, 2000, seed));
    expect(heldOut.filter((own) => training.has(own))).toEqual([]);
    const all = new Set((await takeDocuments(data.all ?? [], Infinity)).map(text));
    // Nothing is lost either: a text that is not cut is trained on but for what is held out.
    if (spec.split !== 'whole') expect(new Set([...training, ...heldOut])).toEqual(all);
  }
});

test.each([
  ['small', undefined],
  ['large', 10],
])('a %s file whose lines are all equal is refused', async (_what, small) => {
  const read = open('equal.txt', 'the same\n'.repeat(40), {}, small).then((data) => data.heldOut());
  await expect(read).rejects.toThrow(InputError);
  await expect(read).rejects.toThrow(/all equal|no two different documents/);
});

test('what a large file holds out does not depend on the order of its lines, and a small and a large one agree with themselves', async () => {
  const [one, other] = [
    await open('g.txt', many.join('\n'), {}, 100),
    await open('h.txt', many.toReversed().join('\n'), {}, 100),
  ];
  expect(new Set((await one.heldOut()).map(text))).toEqual(new Set((await other.heldOut()).map(text)));
  expect(await trained(one, 500)).toEqual(await trained(one, 500));
  expect(await trained(one, 400, 1)).not.toEqual(await trained(one, 400, 2));
});

test('pieces of one long text each begin with BOS, hold its every token, and none is too short to predict', async () => {
  const data = await open(
    'whole.txt',
    Array.from({ length: 14 }, (_, n) => String.fromCharCode(97 + n).repeat(9)).join(''),
    {
      split: 'whole',
    },
  );
  const heldOut = await data.heldOut();
  // One pass.
  const pieces = [...heldOut, ...(await takeDocuments(data.training(random(1)), 14 - heldOut.length)).map(documentIds)];
  expect(pieces.map(([first]) => first)).toEqual(pieces.map(() => 1));
  expect(pieces.map(text).toSorted()).toEqual(
    Array.from({ length: 14 }, (_, n) => String.fromCharCode(97 + n).repeat(9)),
  );
});

test('the tokens of a pass are those of its training documents, of a large text nearly', async () => {
  const small = await open('counted.txt', many.join('\n'));
  const different = new Set(many).size;
  const heldOut = await small.heldOut();
  expect(heldOut.length).toBeLessThan(different);
  const held = new Set(heldOut.map(text));
  const kept = many.filter((own) => !held.has(own)); // each with a token before it
  const exact = kept.reduce((total, own) => total + 1 + own.length, 0);
  expect(small.tokens?.()).toBe(exact);
  const large = await open('counted.txt', many.join('\n'), {}, 10);
  expect(large.tokens?.()).toBeGreaterThan(0.9 * exact);
  expect(large.tokens?.()).toBeLessThan(1.1 * exact);
});

test('to be judged by, one document is enough; to be trained on, it is too little', async () => {
  const data = await open('one.txt', 'just one\n');
  expect(await takeDocuments(data.all ?? [], Infinity)).toHaveLength(1);
  await expect(data.heldOut()).rejects.toThrow(/it has 1 documents and 9 tokens/);
});

test('rows that are null are left out and counted in one notice', async () => {
  const data = await open('null.jsonl', `${asJson(many)}\n{"text":null}\nnull\n`);
  expect(data.notice).toBe('text "null.jsonl": 2 of 402 rows are null and are left out');
  expect(await takeDocuments(data.all ?? [], Infinity)).toHaveLength(400);
  expect((await open('i.txt', many.join('\n'))).notice).toBeUndefined();
  await expect(open('nulls.jsonl', 'null\nnull')).rejects.toThrow(/all its 2 rows are null/);
});

test('its identity is the bytes of its files and how they are read', async () => {
  const [a, b] = [await open('j.txt', many.join('\n')), await open('k.txt', many.join('\n'))];
  expect(a.identity).toEqual(b.identity);
  expect(a.files).toEqual(b.files);
  expect((await open('l.txt', many.join('\n'), { split: 'whole' })).identity).not.toEqual(a.identity);
  expect((await open('m.txt', forty.join('\n'))).files).not.toEqual(a.files);
});

test('the source "text" reads as a path alone does', async () => {
  const data = await open('n.jsonl', asJson(many));
  const source = textSource({ path: join(folder, 'n.jsonl') });
  const own = await source.open({ backend: {} as never, random: random(9), teacher, length: 10 });
  expect(await own.heldOut()).toEqual(await data.heldOut());
  expect(await trained(own, 100)).toEqual(await trained(data, 100));
});
