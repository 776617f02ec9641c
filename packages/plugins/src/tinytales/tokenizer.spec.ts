// The committed tokenizer: made from this source, whole words only for tales, exact both ways, safe for any other text.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeDocument, openTokenizer } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { tinyTalesAssets } from './index.js';
import { clozeItems } from './cloze.js';
import { tales, tokenCount } from './tale.js';
import { tokenizerFiles } from './tokenizer.js';

const read = (name: string): string => readFileSync(new URL(name, tinyTalesAssets), 'utf8');
const tokenizer = await openTokenizer(fileURLToPath(tinyTalesAssets));
const { encode } = tokenizer;

describe('the TinyTales tokenizer', () => {
  test('is the one that the words and sentences make: else run tools/scripts/dist/tinytales-tokenizer.js', () => {
    for (const [name, text] of Object.entries(tokenizerFiles())) expect(read(name) === text, name).toBe(true);
  });

  test('has a vocabulary that is a multiple of 64, and its special tokens come first', () => {
    const ids = Array.from({ length: 385 }, (_, id) => id);
    expect(ids.findIndex((id) => !tokenizer.hasToken(id))).toBe(384);
    expect(tokenizer.decode([0, 1, 2])).toBe('<unk><s></s>');
    expect(encodeDocument(tokenizer, 'Mia')).toEqual([1, ...encode('Mia')]);
  });

  test('encodes tales word by word and gives them back exactly', () => {
    const stream = tales(77, 'validation');
    for (let i = 0; i < 5000; i++) {
      const text = stream.next().value;
      const ids = encode(text);
      if (ids.includes(0) || ids.length !== tokenCount(text) || tokenizer.decode(ids) !== text) expect.fail(text);
    }
  });

  test('every answer of a cloze item is one token', () => {
    const choices = clozeItems(1, 400).flatMap((item) => item.choices);
    expect(choices.filter((word) => encode(word).length !== 1)).toEqual([]);
  });

  test.each(['Hello, world! 12 zebras: {"x": 3.5}', 'two  spaces\nand a line', "Mia's cat", '~'])(
    'spells out %j and gives it back',
    (text) => {
      expect(encode(text)).not.toContain(0);
      expect(tokenizer.decode(encode(text))).toBe(text);
    },
  );

  test('has an unknown token for what is not ASCII', () => {
    expect(tokenizer.decode(encode('Mia ate 米饭.'))).toBe('Mia ate <unk><unk>.');
  });
});
