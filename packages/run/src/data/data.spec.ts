// How a text is cut and held back, and what data says of a tokenizer that is not its own.
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTokenizer, random, takeDocuments, type TextCodec } from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { expect, test } from 'vitest';
import { splitDocuments } from './text-documents.js';
import { openTexts } from './texts.js';
import { tinyTalesEvaluation } from './tinytales-text.js';

/** One token a character, 1 begins a text. */
const characters: TextCodec = {
  vocabularySize: 256,
  prefix: [1],
  suffix: [],
  sampleStart: [1],
  endTokens: [],
  hasToken: (id) => id < 256,
  encode: (text) => Array.from(text, (own) => own.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
};

const untold = {} as never; // neither source reads the teacher or the backend

test('pieces of one long text each begin with BOS, hold its every token, and none is too short to predict', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-'));
  try {
    const path = join(folder, 'text.txt');
    await writeFile(path, 'abcdefghi'.repeat(14));
    const texts = await openTexts([path], { split: 'whole', field: 'text' });
    const { source, validation } = await splitDocuments(path, texts, characters, 10);
    const context = { backend: untold, teacher: untold, random: random(1) };
    // One pass: 14 pieces, of which one is held back.
    const pieces = [...validation, ...(await takeDocuments(source.documents(context), 13))];
    expect(validation).toHaveLength(1);
    expect(pieces.map(([first]) => first)).toEqual(pieces.map(() => 1));
    expect(pieces.map((piece) => characters.decode(piece.slice(1)))).toEqual(pieces.map(() => 'abcdefghi'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the cloze task is there with its own tokenizer, and left out with a reason with another', async () => {
  const own = tinyTalesEvaluation(1, await openTokenizer(fileURLToPath(tinyTalesAssets)));
  expect(own.cloze).toHaveLength(400);
  expect(own.notice).toBeUndefined();
  const other = tinyTalesEvaluation(1, characters);
  expect(other.cloze).toEqual([]);
  expect(other.notice).toMatch(/left out: in this model's tokenizer ".+" is \d+ tokens/);
  const unknown = tinyTalesEvaluation(1, { ...characters, encode: () => [0] });
  expect(unknown.notice).toMatch(/several of its choices are one token/);
});
