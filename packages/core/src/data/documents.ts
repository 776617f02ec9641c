// What surrounds a text: the one place where special tokens meet ids.
import type { TextCodec } from '../model/index.js';

/**
 * A document to be evaluated: what `tokenizer(text).input_ids` of transformers is, so a text that spells out the token that begins a
 * text gets it twice.
 */
export function encodeDocument({ prefix, suffix, encode }: TextCodec, text: string): readonly number[] {
  return [...prefix, ...encode(text), ...suffix];
}

/**
 * A document to be trained on: begins with the prefix once, whether or not the text spells it out, and ends in the token that
 * ends a document, once, where there is one and `end` is not false.
 */
export function encodeTrainingDocument(
  codec: TextCodec,
  text: string,
  { end = true }: { readonly end?: boolean } = {},
): readonly number[] {
  const ids = [...encodePrompt(codec, text), ...codec.suffix];
  const { eos } = codec;
  return !end || eos === undefined || (ids.length > codec.prefix.length && ids.at(-1) === eos) ? ids : [...ids, eos];
}

/** A text that a model is to go on from: the prefix once, whether or not the text spells it out; nothing behind. */
export function encodePrompt({ prefix, encode }: TextCodec, text: string): readonly number[] {
  const ids = encode(text);
  return prefix.every((id, index) => ids[index] === id) ? ids : [...prefix, ...ids];
}
