// A tokenizer.json as two functions: normalise, cut into words, look the words up; and back.
import { z } from 'zod';
import { addedTokenSchema, tokenFinders, type Section } from './added-tokens.js';
import { bpe } from './bpe.js';
import { createDecoder } from './decoders.js';
import { createNormalizer } from './normalizers.js';
import { readSurroundings, type Surroundings } from './post-processor.js';
import { createPreTokenizer } from './pre-tokenizers.js';
import { unigram } from './unigram.js';
import { wordLevel, wordPiece, type WordModel } from './word-model.js';
import { present } from '../../look-up.js';

/** The parts of a file that matter; truncation and padding are for callers that ask for them. */
const fileSchema = z.object({
  model: z.record(z.string(), z.unknown()),
  added_tokens: z.array(addedTokenSchema).max(2 ** 20),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
}); // prettier-ignore

/** What a tokenizer.json does. */
export interface TokenizerPipeline extends Surroundings {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** The token of an id. */
  tokenOf(id: number): string | undefined;
  /** The id of a token. */
  idOf(token: string): number | undefined;
  /** Ids of a text, nothing added. Throws `RangeError` for a piece without id. */
  encode(text: string): number[];
  /** Text of ids that all have tokens. */
  decode(ids: readonly number[]): string;
}

/** Reads a parsed tokenizer.json. Throws `ZodError`, `SyntaxError` or `RangeError` where it is none. */
export function createPipeline(file: unknown): TokenizerPipeline {
  const { model: config, added_tokens: added, ...parts } = fileSchema.parse(file);
  const model = createModel(config);
  const normalize = createNormalizer(parts.normalizer);
  const preTokenize = createPreTokenizer(parts.pre_tokenizer);
  const decode = createDecoder(parts.decoder);
  const ids = new Map(model.ids);
  const tokens: string[] = [];
  for (const { content, id } of added) if (!ids.has(content)) ids.set(content, id);
  for (const [token, id] of model.ids) tokens[id] = token;
  for (const { content } of added) tokens[present(ids.get(content), 'the id of an added token')] = content;
  const find = tokenFinders(added.map((token) => ({ ...token, id: ids.get(token.content) ?? token.id })), normalize); // prettier-ignore

  const words = ({ text, first }: Extract<Section, { text: string }>): number[] => {
    const result: number[] = [];
    for (const piece of preTokenize({ text, first }))
      if (piece.text !== '') for (const id of model.encode(piece.text)) result.push(id);
    return result;
  };
  return {
    ...readSurroundings(parts.post_processor),
    vocabularySize: tokens.length,
    tokenOf: (id) => tokens[id],
    idOf: (token) => ids.get(token),
    encode: (text) =>
      find.given(text).flatMap((section) => {
        if ('id' in section) return [section.id];
        return find.normalized(normalize(section.text)).flatMap((own) => {
          if ('id' in own) return [own.id];
          return words({ text: own.text, first: own.first && section.first });
        });
      }),
    decode: (list) => decode(list.map((id) => present(tokens[id], `token ${id}`))).join(''),
  };
}

/** Files of old name no kind of model. */
function createModel(config: Readonly<Record<string, unknown>>): WordModel {
  const { type, merges, vocab, max_input_chars_per_word: most } = config;
  if (type === 'BPE' || (type === undefined && merges !== undefined)) return bpe(config);
  if (type === 'Unigram' || (type === undefined && Array.isArray(vocab))) return unigram(config);
  if (type === 'WordPiece' || (type === undefined && most !== undefined)) return wordPiece(config);
  if (type === 'WordLevel' || type === undefined) return wordLevel(config);
  throw new SyntaxError(`unknown model ${JSON.stringify(type)}`);
}
