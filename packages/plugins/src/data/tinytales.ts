// Endless TinyTales: small coherent stories from a seeded generator.
import { encodeDocument, strategy } from '@espalier/core';
import { tale } from '../tinytales/tale.js';

/** Endless TinyTales of the training split in the teacher's tokens, each with the token that ends a text where there is one. */
export const tinyTalesSource = strategy('data', {
  name: 'tinytales',
  summary: 'endless seeded stories of a few hundred words of vocabulary; needs no file',
  create: () => ({
    layout: 'packed',
    *documents({ teacher, random }) {
      for (let index = 0; ; index++) {
        const { eos } = teacher.tokenizer;
        const ids = encodeDocument(teacher.tokenizer, tale(random.fork(index)).text);
        yield eos === undefined ? ids : [...ids, eos];
      }
    },
  }),
});
