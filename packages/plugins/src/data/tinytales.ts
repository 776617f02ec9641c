// Endless TinyTales: small coherent stories from a seeded generator, and questions about others.
import {
  encodePrompt,
  encodeTrainingDocument,
  present,
  strategy,
  withoutHeldOut,
  type OpenData,
  type Random,
  type TextCodec,
} from '@espalier/core';
import { clozeItemsOf } from '../tinytales/cloze.js';
import { tale, type Split } from '../tinytales/tale.js';

/** Tales held out, and items of the cloze task. */
const HELD_OUT = 128;
const CLOZE_ITEMS = 400;

/**
 * Endless TinyTales of the training split in the teacher's tokens, each with the token that ends a text where there is one. Tales
 * of other splits, about other groups of people, are held out and asked about.
 */
export const tinyTalesSource = strategy('data', {
  name: 'tinytales',
  summary: 'endless seeded stories of a few hundred words of vocabulary; needs no file',
  create: () => ({
    layout: 'packed',
    open({ teacher: { tokenizer }, random: run }) {
      const stream = run.fork('validation');
      const heldOut = Array.from({ length: HELD_OUT }, (_, i) => encoded(tokenizer, stream.fork(i), 'validation'));
      return Promise.resolve({
        // A tokenizer that does not know a name may tell tales of two splits alike.
        training: (random) => withoutHeldOut(trainingTales(tokenizer, random), heldOut),
        heldOut: () => Promise.resolve(heldOut),
        identity: {},
        ...clozeTokens(run, tokenizer),
      });
    },
  }),
});

function* trainingTales(tokenizer: TextCodec, random: Random): Generator<readonly number[]> {
  for (let index = 0; ; index++) yield encoded(tokenizer, random.fork(index), 'train');
}

function encoded(tokenizer: TextCodec, random: Random, split: Split): readonly number[] {
  return encodeTrainingDocument(tokenizer, tale(random, split).text);
}

/** The task is left out, with a notice, where a choice is not a token of its own. */
function clozeTokens(random: Random, tokenizer: TextCodec): Pick<OpenData, 'questions' | 'notice'> {
  const items = clozeItemsOf(random, CLOZE_ITEMS);
  const ids = new Map(items.flatMap(({ choices }) => choices).map((choice) => [choice, tokenizer.encode(choice)]));
  const split = [...ids].find(([, own]) => own.length !== 1);
  const distinct = new Set([...ids.values()].map(([id]) => id)).size === ids.size;
  if (split !== undefined || !distinct) {
    const why =
      split === undefined ? 'several of its choices are one token' : `"${split[0]}" is ${split[1].length} tokens`;
    const notice = `the cloze task of TinyTales is left out: in this model's tokenizer ${why}, and the task needs the TinyTales tokenizer, where every choice is a token of its own`;
    return { notice };
  }
  const questions = items.map(({ prompt, choices, answer }) => ({
    prompt: encodePrompt(tokenizer, prompt),
    choices: choices.flatMap((choice) => present(ids.get(choice), `the choice "${choice}"`)),
    answer,
  }));
  return { questions };
}
