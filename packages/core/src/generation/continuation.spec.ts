// Cutting drawn ids into the text of a prompt and what follows.
import { expect, test } from 'vitest';
import type { TextCodec } from '../model/index.js';
import { mutedCodec } from '../model/muted-codec.js';
import { continuation, endOf } from './continuation.js';

const words = ['<s>', '</s>', '<|end|>', 'a', 'tree', 'grows'];
/** Words with a space between them, as tokenizers of words decode. */
const codec: TextCodec = {
  ...mutedCodec(words.length),
  prefix: [0],
  eos: 1,
  endTokens: [1, 2],
  decode: (ids) => ids.map((id) => words[id]).join(' '),
};

test('the text follows the prompt with the space between them, and ends before any token that ends generation', () => {
  expect(continuation(codec, [0, 3, 4, 5, 2, 3, 3], 2)).toEqual({ prompt: 'a', text: ' tree grows' });
  expect(continuation(codec, [0, 3, 4, 5, 1, 2], 2)).toEqual({ prompt: 'a', text: ' tree grows' });
  expect(continuation(codec, [0, 3, 4, 5], 2)).toEqual({ prompt: 'a', text: ' tree grows' });
});

test('a token of the prompt ends nothing', () => {
  expect(continuation(codec, [0, 1, 4, 5, 1], 3)).toEqual({ prompt: '</s> tree', text: ' grows' });
  expect(endOf(codec, [1, 3, 1], 1)).toBe(2);
  expect(endOf(codec, [1, 3, 3], 1)).toBe(3);
});

test('a tokenizer that joins the two sides of the cut gives what follows alone', () => {
  const joining = { ...codec, decode: (ids: readonly number[]) => `${ids.length}:${ids.join('')}` };
  expect(continuation(joining, [0, 3, 4], 2)).toEqual({ prompt: '1:3', text: ' 1:4' });
});
