// The tokenizer of TinyTales in the Hugging Face format: whole words with the space before them, single characters for all
// other text. It is byte-pair encoding without merges, the one model type that both readers of the format know whole words by.
import { tales } from './tale.js';

const special = ['<unk>', '<s>', '</s>'] as const;
const space = '▁';
// A word or a sign takes the space before it along; nothing else joins.
const piece = `${space}?[A-Za-z]+|${space}?[^A-Za-z${space}]|${space}`;
// The rarest word occurs more than a hundred times in so many tales.
const sample = { seed: 0, tales: 20_000 };

/** The pieces of a text, the way the pre-tokenizer cuts it. */
function pieces(text: string): string[] {
  return (space + text.replaceAll(' ', space)).match(new RegExp(piece, 'g')) ?? [];
}

/** Every piece that tales are made of, the most frequent first. */
function frequentPieces(): string[] {
  const counts = new Map<string, number>();
  let told = 0;
  for (const text of tales(sample.seed)) {
    for (const each of pieces(text)) counts.set(each, (counts.get(each) ?? 0) + 1);
    if (++told === sample.tales) break;
  }
  const byCount = ([one, m]: [string, number], [other, n]: [string, number]): number => n - m || (one < other ? -1 : 1);
  return [...counts].sort(byCount).map(([each]) => each);
}

/** All tokens by id: special ones, pieces of tales, printable ASCII for other text, and unused ones up to a multiple of 64. */
export function vocabulary(): string[] {
  const ascii = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const tokens = [...new Set([...special, ...frequentPieces(), space, '\n', ...ascii])];
  while (tokens.length % 64 !== 0) tokens.push(`<unused_${tokens.length}>`);
  return tokens;
}

const addedToken = (content: string, id: number) =>
  ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }) as const;

/** The text of `tokenizer.json` and `tokenizer_config.json`. Texts lose one space at their beginning, all else round-trips. */
export function tokenizerFiles(): {
  /** The tokenizer itself. */
  readonly 'tokenizer.json': string;
  /** Names of its special tokens. */
  readonly 'tokenizer_config.json': string;
} {
  const metaspace = { type: 'Metaspace', replacement: space, prepend_scheme: 'always', split: false };
  const [unk, bos, eos] = special;
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(addedToken),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [metaspace, { type: 'Split', pattern: { Regex: piece }, behavior: 'Isolated', invert: false }],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: bos, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: bos, type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: bos, type_id: 1 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { [bos]: { id: bos, ids: [special.indexOf(bos)], tokens: [bos] } },
    },
    decoder: metaspace,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unk,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab: Object.fromEntries(vocabulary().map((token, id) => [token, id])),
      merges: [],
    },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: bos,
    eos_token: eos,
    unk_token: unk,
    clean_up_tokenization_spaces: false,
  };
  const print = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  return { 'tokenizer.json': print(tokenizer), 'tokenizer_config.json': print(config) };
}
