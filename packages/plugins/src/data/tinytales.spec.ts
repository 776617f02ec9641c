// TinyTales as a source: which tales are held out, and what is said of a tokenizer that is not its own.
import { fileURLToPath } from 'node:url';
import {
  documentIds,
  openTokenizer,
  random,
  takeDocuments,
  type OpenData,
  mutedCodec,
  type TextCodec,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { tinyModel } from '@espalier/testing';
import { expect, test } from 'vitest';
import { clozeItems, tales, tinyTalesAssets } from '../tinytales/index.js';
import { tale } from '../tinytales/tale.js';
import { tinyTalesSource } from './tinytales.js';

/** One token a character, 1 begins a text. */
const characters: TextCodec = {
  ...mutedCodec(256),
  prefix: [1],
  encode: (text) => Array.from(text, (own) => own.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
};
const open = (tokenizer: TextCodec, seed = 1): Promise<OpenData> =>
  tinyTalesSource().open({
    backend: referenceBackend(),
    random: random(seed),
    teacher: { ...tinyModel(), tokenizer },
    length: 8,
  });

test('no held-out tale is among 20,000 training tales, and none of these is passed over', async () => {
  const tokenizer = await openTokenizer(fileURLToPath(tinyTalesAssets));
  const data = await open(tokenizer);
  const heldOut = await data.heldOut();
  const stream = tales(1, 'validation');
  for (const own of heldOut) expect(tokenizer.decode(own)).toContain(stream.next().value);
  expect(new Set(heldOut.map((own) => own.join())).size).toBe(128);
  const training = (await takeDocuments(data.training(random(1).fork('training')), 20_000)).map(documentIds);
  const held = new Set(heldOut.map((own) => own.join()));
  expect(training.filter((own) => held.has(own.join()))).toEqual([]);
  // Nothing was passed over: the last one is tale 19,999 of its stream, so that students keep their bytes.
  expect(tokenizer.decode(training.at(-1) ?? [])).toContain(tale(random(1).fork('training').fork(19_999)).text);
});

test('a tokenizer that tells all tales alike leaves nothing to train on, and this is said', async () => {
  const data = await open({ ...characters, encode: () => [2, 3] });
  await expect(takeDocuments(data.training(random(1)), 1)).rejects.toThrow(/are all held out/);
});

test('the cloze task is there with its own tokenizer, and left out with a reason with another', async () => {
  const own = await open(await openTokenizer(fileURLToPath(tinyTalesAssets)));
  expect(own.questions).toHaveLength(400);
  expect(own.questions?.map(({ answer }) => answer)).toEqual(clozeItems(1, 400).map(({ answer }) => answer));
  expect(own.notice).toBeUndefined();
  const other = await open(characters);
  expect(other.questions).toBeUndefined();
  expect(other.notice).toMatch(/left out: in this model's tokenizer ".+" is \d+ tokens/);
  const unknown = await open({ ...characters, encode: () => [0] });
  expect(unknown.notice).toMatch(/several of its choices are one token/);
});
