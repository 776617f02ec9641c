// How tokenizer.json cuts a text into words before the model looks at them: one function per kind of pre-tokenizer.
import { z } from 'zod';
import { toByteCharacters } from './byte-level.js';
import {
  behaviorSchema,
  cut,
  expressionFinder,
  patternFinder,
  patternSchema,
  type Behavior,
  type Finder,
} from './pattern.js';

/** A piece of a text that is to be cut further. */
export interface Piece {
  readonly text: string;
  /** Whether the whole text begins with it. */
  readonly first: boolean;
}

/** Cuts a piece into smaller ones, in order. */
export type PreTokenizer = (piece: Piece) => readonly Piece[];

/** A finder's pieces; the first of them is first where the whole was. */
function cutter(find: Finder, behavior: Behavior, invert = false): PreTokenizer {
  return ({ text, first }) => {
    const pieces = cut(find(text), behavior, invert);
    return pieces.map((own, index) => ({ text: own, first: first && index === 0 && text.startsWith(own) }));
  };
}

const gpt2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;
/** Rust's `\w`: what a word is made of. */
const words =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;

const kinds: Readonly<Record<string, (config: unknown) => PreTokenizer>> = {
  Sequence: (config) => {
    const steps = z
      .object({ pretokenizers: z.array(z.unknown()) })
      .parse(config)
      .pretokenizers.map(createPreTokenizer);
    return (piece) => steps.reduce<readonly Piece[]>((pieces, step) => pieces.flatMap(step), [piece]);
  },
  Whitespace: () => cutter(expressionFinder(words), 'Removed', true),
  WhitespaceSplit: () => cutter(expressionFinder(/\p{White_Space}/gu), 'Removed'),
  BertPreTokenizer: () => {
    const spaces = cutter(expressionFinder(/\p{White_Space}/gu), 'Removed');
    const marks = cutter(expressionFinder(punctuation), 'Isolated');
    return (piece) => spaces(piece).flatMap(marks);
  },
  Punctuation: (config) => {
    const { behavior } = z.object({ behavior: behaviorSchema.default('Isolated') }).parse(config);
    return cutter(expressionFinder(punctuation), behavior);
  },
  Digits: (config) => {
    const { individual_digits: single } = z.object({ individual_digits: z.boolean() }).parse(config);
    return cutter(expressionFinder(/\p{N}/gu), single ? 'Isolated' : 'Contiguous');
  },
  CharDelimiterSplit: (config) => {
    const { delimiter } = z.object({ delimiter: z.string().min(1) }).parse(config);
    return cutter(patternFinder({ String: delimiter }), 'Removed');
  },
  FixedLength: (config) => {
    const { length } = z.object({ length: z.int().min(1).default(5) }).parse(config);
    return ({ text, first }) => {
      const characters = Array.from(text);
      return Array.from({ length: Math.ceil(characters.length / length) }, (_, index) => ({
        text: characters.slice(index * length, (index + 1) * length).join(''),
        first: first && index === 0,
      }));
    };
  },
  Split: (config) => {
    const { pattern, behavior, invert } = z
      .object({ pattern: patternSchema, behavior: behaviorSchema, invert: z.boolean().default(false) })
      .parse(config);
    return cutter(patternFinder(pattern), behavior, invert);
  },
  ByteLevel: (config) => {
    const { add_prefix_space: prefix, use_regex: cuts } = z
      .object({ add_prefix_space: z.boolean(), use_regex: z.boolean().default(true) })
      .parse(config);
    const split = cutter(expressionFinder(gpt2), 'Isolated');
    return (piece) => {
      const own = prefix && !piece.text.startsWith(' ') ? { ...piece, text: ` ${piece.text}` } : piece;
      return (cuts ? split(own) : [own]).map(({ text, first }) => ({ text: toByteCharacters(text), first }));
    };
  },
  Metaspace: metaspace,
};

/** The pre-tokenizer of a file. Throws `SyntaxError` for one that is not known. */
export function createPreTokenizer(config: unknown): PreTokenizer {
  if (config === null || config === undefined) return (piece) => [piece];
  const { type } = z.object({ type: z.string() }).parse(config);
  if (!Object.hasOwn(kinds, type)) throw new SyntaxError(`unknown pre-tokenizer ${type}`);
  return kinds[type]?.(config) ?? ((piece) => [piece]);
}

/** Of the pre-tokenizer and of the decoder. */
export const metaspaceSchema = z.object({
  replacement: z.string().default('▁'),
  prepend_scheme: z.enum(['always', 'first', 'never']).default('always'),
  add_prefix_space: z.boolean().nullish(),
  split: z.boolean().nullish(),
});

function metaspace(config: unknown): PreTokenizer {
  const { replacement, prepend_scheme: scheme, add_prefix_space: prefix, split } = metaspaceSchema.parse(config);
  const cuts = cutter(patternFinder({ String: replacement }), 'MergedWithNext');
  return ({ text, first }) => {
    const marked = text.replaceAll(' ', () => replacement);
    const wanted = prefix !== false && (scheme === 'always' || (scheme === 'first' && first));
    const own = { text: wanted && !marked.startsWith(replacement) ? replacement + marked : marked, first };
    return split === false ? [own] : cuts(own);
  };
}
