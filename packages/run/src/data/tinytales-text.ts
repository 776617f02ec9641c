// TinyTales to evaluate on: tales that no training sees, and their cloze task in a tokenizer's ids.
import { encodePrompt, encodeTrainingDocument, type ClozeTokens, type TextCodec } from '@espalier/core';
import { clozeItems, tales } from '@espalier/plugins';

/** Tales held back, and items of the cloze task. */
const HELD_BACK = 128;
const CLOZE_ITEMS = 400;

/** Documents, questions, and what the user should know about them. */
export interface EvaluationText {
  readonly documents: readonly (readonly number[])[];
  readonly cloze: readonly ClozeTokens[];
  readonly notice?: string;
}

/** Held-back tales of a seed; the cloze task is left out, with a notice, where a choice is not a token of its own. */
export function tinyTalesEvaluation(seed: number, tokenizer: TextCodec): EvaluationText {
  const documents: (readonly number[])[] = [];
  for (const text of tales(seed, 'validation')) {
    documents.push(encodeTrainingDocument(tokenizer, text));
    if (documents.length === HELD_BACK) break;
  }
  return { documents, ...clozeTokens(seed, tokenizer) };
}

function clozeTokens(seed: number, tokenizer: TextCodec): Pick<EvaluationText, 'cloze' | 'notice'> {
  const items = clozeItems(seed, CLOZE_ITEMS);
  const ids = new Map(items.flatMap(({ choices }) => choices).map((choice) => [choice, tokenizer.encode(choice)]));
  const split = [...ids].find(([, own]) => own.length !== 1);
  const distinct = new Set([...ids.values()].map(([id]) => id)).size === ids.size;
  if (split !== undefined || !distinct) {
    const why =
      split === undefined ? 'several of its choices are one token' : `"${split[0]}" is ${split[1].length} tokens`;
    const notice = `the cloze task of TinyTales is left out: in this model's tokenizer ${why}, and the task needs the TinyTales tokenizer, where every choice is a token of its own`;
    return { cloze: [], notice };
  }
  const cloze = items.map(({ prompt, choices, answer }) => ({
    prompt: encodePrompt(tokenizer, prompt),
    choices: choices.flatMap((choice) => ids.get(choice) ?? []),
    answer,
  }));
  return { cloze };
}
