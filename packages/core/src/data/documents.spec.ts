// What surrounds a text when it is evaluated, trained on and gone on from.
import { expect, test } from 'vitest';
import type { TextCodec } from '../model/index.js';
import { mutedCodec } from '../model/muted-codec.js';
import { encodeDocument, encodePrompt, encodeTrainingDocument } from './documents.js';

/** Digits are their own ids: 1 begins a text, 2 ends it. */
const codec: TextCodec = {
  ...mutedCodec(10),
  prefix: [1],
  sampleStart: [1],
  eos: 2,
  endTokens: [2],
  encode: (text) => Array.from(text, Number),
};

test('a document to be evaluated is what a transformers tokenizer gives: BOS in the text comes on top', () => {
  expect(encodeDocument(codec, '56')).toEqual([1, 5, 6]);
  expect(encodeDocument(codec, '156')).toEqual([1, 1, 5, 6]); // LlamaTokenizer of transformers 5.24 with "<s>Hi"
  expect(encodeDocument({ ...codec, suffix: [3] }, '5')).toEqual([1, 5, 3]);
});

test('a document to be trained on begins once and ends once, whatever the text spells out', () => {
  expect(encodeTrainingDocument(codec, '56')).toEqual([1, 5, 6, 2]);
  expect(encodeTrainingDocument(codec, '1562')).toEqual([1, 5, 6, 2]);
  expect(encodeTrainingDocument({ ...codec, suffix: [2] }, '56')).toEqual([1, 5, 6, 2]);
  expect(encodeTrainingDocument({ ...codec, prefix: [] }, '56')).toEqual([5, 6, 2]);
  expect(encodeTrainingDocument(codec, '')).toEqual([1, 2]);
});

test('a tokenizer whose one token begins and ends texts still ends an empty one', () => {
  expect(encodeTrainingDocument({ ...codec, prefix: [2] }, '')).toEqual([2, 2]);
});

test('no end is put where none is wanted or known', () => {
  expect(encodeTrainingDocument(codec, '56', { end: false })).toEqual([1, 5, 6]);
  const { eos: _eos, ...endless } = codec;
  expect(encodeTrainingDocument(endless, '56')).toEqual([1, 5, 6]);
});

test('a prompt begins once and nothing is behind it', () => {
  expect(encodePrompt({ ...codec, suffix: [3] }, '56')).toEqual([1, 5, 6]);
  expect(encodePrompt(codec, '156')).toEqual([1, 5, 6]);
});
