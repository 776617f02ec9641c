// Words to token ids: what the four kinds of model share, and the two small ones.
import { z } from 'zod';

/** Ids by token. A map: tokens may be named like members of objects. */
export type Vocabulary = ReadonlyMap<string, number>;

/** The model of a tokenizer.json. */
export interface WordModel {
  readonly ids: Vocabulary;
  /** Ids of one word. Throws `RangeError` where a part has none and there is no token for unknown parts. */
  encode(word: string): readonly number[];
}

const MOST_IDS = 2 ** 24;

/** The vocabulary of a file: an object of ids. Throws `SyntaxError` for ids that are none. */
export function readVocabulary(given: unknown): Vocabulary {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new SyntaxError('the vocabulary is no object of ids');
  const ids = new Map<string, number>();
  for (const [token, id] of Object.entries(given) as readonly (readonly [string, unknown])[]) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > MOST_IDS)
      throw new SyntaxError(`the id of a token is no whole number from 0 to ${MOST_IDS}`);
    ids.set(token, id);
  }
  return ids;
}

const encoder = new TextEncoder();

/** Tokens of the UTF-8 bytes of a text, `<0x0A>` and the like, where there is one for each. */
export function byteTokens(text: string, ids: Vocabulary): readonly number[] | undefined {
  const found: number[] = [];
  for (const byte of encoder.encode(text)) {
    const id = ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id === undefined) return undefined;
    found.push(id);
  }
  return found;
}

const schema = z.object({
  vocab: z.unknown().optional(),
  unk_token: z.string(),
  continuing_subword_prefix: z.string().default('##'),
  max_input_chars_per_word: z.int().min(0).default(100),
});

function unknownOf(ids: Vocabulary, token: string): () => number {
  const id = ids.get(token);
  return () => {
    if (id !== undefined) return id;
    throw new RangeError('a piece of the text has no id, and the tokenizer has no token for unknown pieces');
  };
}

/** Whole words or nothing. */
export function wordLevel(config: unknown): WordModel {
  const { vocab, unk_token: token } = schema.parse(config);
  const ids = readVocabulary(vocab);
  const unknown = unknownOf(ids, token);
  return { ids, encode: (word) => [ids.get(word) ?? unknown()] };
}

/** The longest token that a word begins with, and so on (Wu et al. 2016); a word that cannot be spelled is one unknown token. */
export function wordPiece(config: unknown): WordModel {
  const {
    vocab,
    unk_token: token,
    continuing_subword_prefix: prefix,
    max_input_chars_per_word: most,
  } = schema.parse(config);
  const ids = readVocabulary(vocab);
  const unknown = unknownOf(ids, token);
  return {
    ids,
    encode(word) {
      const characters = Array.from(word);
      if (characters.length > most) return [unknown()];
      const found: number[] = [];
      for (let start = 0; start < characters.length;) {
        let end = characters.length;
        let id: number | undefined;
        for (; end > start; end--) {
          id = ids.get((start > 0 ? prefix : '') + characters.slice(start, end).join(''));
          if (id !== undefined) break;
        }
        if (id === undefined) return [unknown()];
        found.push(id);
        start = end;
      }
      return found;
    },
  };
}
