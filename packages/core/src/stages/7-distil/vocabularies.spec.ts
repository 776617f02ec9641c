// Which pairs of vocabularies a student may learn across, and what the others are told.
import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors.js';
import type { TextCodec } from '../../model/index.js';
import { mutedCodec } from '../../model/muted-codec.js';
import { toyArchitecture } from '../testing/toy-model.js';
import { checkVocabularies } from './vocabularies.js';

function codec(tokens: readonly string[], specials: Partial<TextCodec> = {}): TextCodec {
  return {
    ...mutedCodec(tokens.length),
    ...specials,
    hasToken: (id) => (tokens[id] ?? '') !== '',
    decode: ([id = -1]) => tokens[id] ?? '',
  };
}

function model(tokenizer: TextCodec, rows = tokenizer.vocabularySize) {
  const architecture = { ...toyArchitecture, sizes: { ...toyArchitecture.sizes, vocab: rows } };
  return { tokenizer, architecture, folder: 'folder' };
}

const tokens = ['a', 'b', '', 'c']; // one id is not used

describe('vocabularies', () => {
  test('that are equal, or differ by rows of padding, are accepted', () => {
    const own = codec(tokens);
    for (const other of [own, codec(tokens)]) {
      expect(() => checkVocabularies(model(own), model(other))).not.toThrow();
      expect(() => checkVocabularies(model(own, 4), model(other, 8))).not.toThrow();
      expect(() => checkVocabularies(model(own, 8), model(other, 5))).not.toThrow();
    }
  });

  test.each([
    ['another token', codec(['a', 'x', '', 'c']), {}, /first in token 1: "x" for the teacher, "b" for the student/],
    [
      'a token where none is',
      codec(['a', 'b', 'x', 'c']),
      {},
      /token 2: "x" for the teacher, no token for the student/,
    ],
    ['more tokens', codec([...tokens, 'd']), {}, /teacher's tokenizer has 5 tokens, the student's 4/],
    ['fewer and other tokens', codec(['b']), {}, /1 tokens, the student's 4; the first that differs is token 0: "b"/],
    [
      'another special token',
      codec(tokens, { prefix: [0] }),
      { prefix: [1] },
      /the tokens before a document: 0 for the teacher, 1 for the student/,
    ],
    [
      'no special token',
      codec(tokens),
      { eos: 1 },
      /the token that ends a document: none for the teacher, 1 for the student/,
    ],
  ])('with %s are refused', (_name, teacher, specials, found) => {
    const check = (): void => checkVocabularies(model(codec(tokens, specials)), model(teacher));
    expect(check).toThrow(InputError);
    expect(check).toThrow(found);
  });

  test('are refused where a model lacks the row of a token', () => {
    const own = codec(tokens);
    expect(() => checkVocabularies(model(own, 3), model(own, 4))).toThrow(/4 rows, the student 3, and the tokenizer 4/);
  });
});
