// How a text is cut and held back, and what data says of a tokenizer that is not its own.
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, openTokenizer, type TextCodec } from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { expect, test } from 'vitest';
import { resolveData, resolveEvaluation } from './data.js';
import { createWorkbench } from './wiring.js';

/** One token a character, 1 begins a text. */
const characters: TextCodec = {
  vocabularySize: 256,
  bos: 1,
  encode: (text) => Array.from(text, (own) => own.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
};

test('pieces of one long text each begin with BOS, hold its every token, and none is too short to predict', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-'));
  const { context, families } = createWorkbench({ seed: 1 });
  const loaded = await loadModel(fileURLToPath(tinyTalesAssets), families);
  try {
    const path = join(folder, 'text.txt');
    const text = 'abcdefghi'.repeat(14);
    await writeFile(path, text);
    const flags = { data: path, split: 'whole', evalSplit: 'lines', length: 10, seed: 1 } as const;
    const data = await resolveData(flags, characters);
    const dataContext = { ...context, teacher: loaded.model };
    const heldBack = await data.validation(dataContext);
    const trained: (readonly number[])[] = [];
    for await (const document of data.source.documents(dataContext)) {
      if (trained.push(document) === 13) break; // one pass: 14 pieces, of which one is held back
    }
    const pieces = [...heldBack, ...trained];
    expect(heldBack).toHaveLength(1);
    expect(pieces.map(([first]) => first)).toEqual(pieces.map(() => 1));
    expect(pieces.map((piece) => characters.decode(piece.slice(1)))).toEqual(pieces.map(() => 'abcdefghi'));
  } finally {
    await loaded.close();
    await rm(folder, { recursive: true });
  }
});

test('the cloze task is there with its own tokenizer, and left out with a reason with another', async () => {
  const asked = { data: 'tinytales', split: 'lines', seed: 1 } as const;
  const own = await resolveEvaluation(asked, await openTokenizer(fileURLToPath(tinyTalesAssets)));
  expect(own.cloze).toHaveLength(400);
  expect(own.notice).toBeUndefined();
  const other = await resolveEvaluation(asked, characters);
  expect(other.cloze).toEqual([]);
  expect(other.notice).toMatch(/left out: in this model's tokenizer ".+" is \d+ tokens/);
  const unknown = await resolveEvaluation(asked, { ...characters, encode: () => [0] });
  expect(unknown.notice).toMatch(/several of its choices are one token/);
});
