// Endless TinyTales: small coherent stories from a seeded generator.
import { encodeTrainingDocument, strategy } from '@espalier/core';
import { tale } from '../tinytales/tale.js';

/** Endless TinyTales of the training split in the teacher's tokens, each with the token that ends a text where there is one. */
export const tinyTalesSource = strategy('data', {
  name: 'tinytales',
  summary: 'endless seeded stories of a few hundred words of vocabulary; needs no file',
  create: () => ({
    layout: 'packed',
    *documents({ teacher, random }) {
      for (let index = 0; ; index++) yield encodeTrainingDocument(teacher.tokenizer, tale(random.fork(index)).text);
    },
  }),
});
