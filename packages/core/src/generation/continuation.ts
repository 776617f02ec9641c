// From drawn ids to the text that a reader wants.
import type { TextCodec } from '../model/index.js';

/** Index of the first token from `from` on that ends generation, or the number of ids where none does. */
export function endOf({ endTokens }: Pick<TextCodec, 'endTokens'>, ids: readonly number[], from: number): number {
  const end = ids.findIndex((id, index) => index >= from && endTokens.includes(id));
  return end === -1 ? ids.length : end;
}

/** A prompt's text, and what a model says after it. */
export interface Continuation {
  /** The text of the prompt, without what the tokenizer puts before it. */
  readonly prompt: string;
  /** What follows, up to the first token that ends generation, which is left out. */
  readonly text: string;
}

/**
 * The text that a row of ids adds to its first `promptLength` ones. Both are decoded together and cut: alone, a word loses the space
 * before it. Throws `InputError` for ids that have no token.
 */
export function continuation(codec: TextCodec, ids: readonly number[], promptLength: number): Continuation {
  const { prefix, decode } = codec;
  const skipped = prefix.every((id, index) => ids[index] === id) ? prefix.length : 0;
  const prompt = decode(ids.slice(skipped, promptLength));
  const all = decode(ids.slice(skipped, endOf(codec, ids, promptLength)));
  // A tokenizer that joins what stands on both sides of the cut: what follows is then given as it is decoded alone.
  if (!all.startsWith(prompt))
    return { prompt, text: ` ${decode(ids.slice(promptLength, endOf(codec, ids, promptLength)))}` };
  return { prompt, text: all.slice(prompt.length) };
}
