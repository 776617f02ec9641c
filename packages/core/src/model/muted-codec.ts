// A tokenizer without text, for models whose tests read none.
import type { TextCodec } from './model.js';

/** Ids below the size, nothing around a text, no text. */
export function mutedCodec(vocabularySize: number): TextCodec {
  return {
    vocabularySize,
    prefix: [],
    suffix: [],
    sampleStart: [],
    endTokens: [],
    hasToken: (id) => Number.isInteger(id) && id >= 0 && id < vocabularySize,
    encode: () => [],
    decode: () => '',
  };
}
