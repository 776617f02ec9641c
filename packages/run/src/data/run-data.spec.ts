// What a run and an evaluation read, for each kind of source, and that nothing is both trained on and judged by.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  documentIds,
  encodeDocument,
  openStream,
  present,
  takeDocuments,
  definePlugin,
  InputError,
  mutedCodec,
  strategy,
  type Random,
} from '@espalier/core';
import { tinyModel } from '@espalier/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hubAccess } from '../hub/access.js';
import { createWorkbench } from '../engine/workbench.js';
import type { DataSpec } from '../recipe/data-schema.js';
import { openEvaluation, openRunData, type DataRequest, type DataSetting, type RunData } from './run-data.js';

/** A third party's, as short as one may write it. */
const counting = strategy('data', {
  name: 'counting',
  summary: 'numbers in a row',
  create: () => ({
    layout: 'packed',
    open: (context) => Promise.resolve(openStream((own) => numbers(own, context.teacher.tokenizer.encode), context)),
  }),
});
function* numbers(own: Random, encode: (text: string) => readonly number[]): Generator<readonly number[]> {
  for (;;) yield encode(`number ${own.integer(60)}`);
}

let folder = '';
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-'));
  const lines = Array.from({ length: 40 }, (_, n) => `line ${n % 20}`);
  await writeFile(file('text.txt'), lines.join('\n'));
  await writeFile(file('same.txt'), lines.join('\n'));
  await writeFile(file('more.txt'), Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n'));
  await writeFile(file('rows.jsonl'), lines.map((text) => JSON.stringify({ text })).join('\n'));
  await writeFile(file('part.txt'), ['line 3', 'other 1', 'line 7', 'other 2'].join('\n'));
  await writeFile(file('other.txt'), ['other 1', 'other 2'].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const tokenizer = {
  ...mutedCodec(24),
  prefix: [1],
  sampleStart: [1],
  encode: (text: string) => Array.from(text, (own) => own.charCodeAt(0) % 24),
  decode: (ids: readonly number[]) => ids.join(' '),
};
const teacher = { ...tinyModel(), tokenizer };

async function setting(): Promise<DataSetting> {
  const plugin = definePlugin({ name: 'third', provides: [counting] });
  const bench = createWorkbench({ seed: 1, threads: 1, plugins: [plugin] });
  return { bench, teacher, hub: await hubAccess({}, () => undefined, true) };
}
const spec = (source: string, options: Omit<DataSpec, 'source'> = {}): DataSpec => ({
  source,
  ...options,
});
const open = async (data: DataRequest['data'], rest: Partial<DataRequest> = {}): Promise<RunData> =>
  openRunData({ data, seed: 1, length: 7, ...rest }, await setting());

test.each<[string, () => DataRequest['data']]>([
  ['a file', () => spec(file('text.txt'))],
  ['JSON lines', () => spec(file('rows.jsonl'))],
  ['the source text', () => spec('text', { path: file('text.txt') })],
  ['the teacher', () => spec('teacher', { batch: 64 })],
  ['a third party', () => spec('counting')],
  [
    'a mix',
    () => [
      { ...spec(file('text.txt')), weight: 3 },
      { ...spec(file('more.txt')), weight: 1 },
    ],
  ],
  [
    'a mix with the teacher',
    () => [
      { ...spec('teacher', { batch: 64 }), weight: 1 },
      { ...spec(file('text.txt')), weight: 1 },
    ],
  ],
])('what is validated on is trained on in no use: %s', async (_what, data) => {
  const opened = await open(data());
  const held = new Set((await opened.validation()).map((own) => own.join()));
  expect(held.size).toBeGreaterThan(0);
  for (const use of ['training', 'calibration', 'pretraining'] as const) {
    const documents = (await takeDocuments(opened.documents(use), 200)).map((own) => documentIds(own).join());
    expect(documents).toHaveLength(200);
    expect(documents.filter((own) => held.has(own))).toEqual([]);
  }
  await opened.close();
});

test('a file is read alike by its path and by the source text, to train on and to evaluate', async () => {
  const [path, source] = [await open(spec(file('text.txt'))), await open(spec('text', { path: file('text.txt') }))];
  expect(await source.validation()).toEqual(await path.validation());
  expect(await takeDocuments(source.documents('training'), 99)).toEqual(
    await takeDocuments(path.documents('training'), 99),
  );
  const own = { ...(await setting()), seed: 1 };
  const all = await openEvaluation(spec(file('text.txt')), own);
  expect(all.documents).toHaveLength(40);
  expect((await openEvaluation(spec('text', { path: file('text.txt') }), own)).documents).toEqual(all.documents);
});

test('of a stream, the held-out part is evaluated on', async () => {
  const held = await (await open(spec('counting'))).validation();
  const { documents } = await openEvaluation(spec('counting'), { ...(await setting()), seed: 1 });
  expect(documents).toEqual(held);
});

test.each([
  ['the same file', 'text.txt', /the same, and 40 of 40 documents are trained on/],
  ['a file of the same bytes', 'same.txt', /the same, and 40 of 40 documents/],
  ['the same text in another format', 'rows.jsonl', /: 40 of 40 documents/],
  ['a text that has some of the documents', 'part.txt', /: 2 of 4 documents/],
])('evaluation text that is trained on is refused unless it is allowed: %s', async (_what, name, message) => {
  const data = spec(file('text.txt'));
  const evaluation = spec(file(name));
  const refused = open(data, { evaluation });
  await expect(refused).rejects.toThrow(InputError);
  await expect(refused).rejects.toThrow(message);
  const allowed = await open(data, { evaluation, allowOverlap: true });
  expect(allowed.notice).toMatch(/documents are trained on as well, so that its numbers show what was memorised/);
});

test('texts are mixed by weight, in tokens, whatever the lengths of their documents', async () => {
  const long = Array.from({ length: 200 }, (_, n) => `xx ${n} ${'x'.repeat(90)}`);
  await writeFile(file('long.txt'), long.join('\n'));
  const mix = [
    { ...spec(file('more.txt')), weight: 1 },
    { ...spec(file('long.txt')), weight: 3 },
  ];
  const opened = await open(mix);
  const documents = (await takeDocuments(opened.documents('training'), 2000)).map(documentIds);
  const isLong = (ids: readonly number[]): boolean => ids.length > 50;
  const tokens = (own: readonly (readonly number[])[]): number => own.reduce((sum, { length }) => sum + length, 0);
  expect(tokens(documents.filter(isLong)) / tokens(documents)).toBeCloseTo(0.75, 2);
  // An equal seed gives equal documents, another one others; one pass is over when the first text has been read.
  const again = await takeDocuments((await open(mix)).documents('training'), 2000);
  expect(again.map(documentIds)).toEqual(documents);
  expect(await takeDocuments((await open(mix, { seed: 2 })).documents('training'), 2000)).not.toEqual(again);
  const short = await open(spec(file('more.txt')));
  expect(opened.tokens).toBe(Math.min(4 * present(short.tokens, 'a count'), Math.round((present((await open(spec(file('long.txt')))).tokens, 'a count') * 4) / 3))); // prettier-ignore
});

test('evaluation text that one text of a mix has is refused', async () => {
  const mix = [
    { ...spec('counting'), weight: 1 },
    { ...spec(file('text.txt')), weight: 1 },
  ];
  await expect(open(mix, { evaluation: spec(file('part.txt')) })).rejects.toThrow(/: 2 of 4 documents/);
});

test('evaluation text of its own is taken whole, without a remark', async () => {
  const opened = await open(spec(file('text.txt')), { evaluation: spec(file('other.txt')) });
  expect(opened.notice).toBeUndefined();
  expect(await opened.validation()).toEqual(['other 1', 'other 2'].map((own) => encodeDocument(tokenizer, own)));
});
