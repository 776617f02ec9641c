// Byte-pair encoding (Sennrich et al. 2016): the pair that was merged first in training is merged first, the leftmost of equals.
import { z } from 'zod';
import { byteTokens, readVocabulary, type Vocabulary, type WordModel } from './word-model.js';

const schema = z.object({
  unk_token: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  dropout: z.literal(0, 'dropout makes every encoding another one').nullish(),
  vocab: z.unknown().optional(),
  merges: z.array(z.unknown()),
});

/** Words whose ids are kept; words longer than that are not. */
const MOST_KEPT = 20_000;
const LONGEST_KEPT = 64;

/** The model of a file. Throws `SyntaxError` for merges of tokens that it does not have. */
export function bpe(config: unknown): WordModel {
  const { merges: given, ...options } = schema.parse(config);
  const ids = readVocabulary(options.vocab);
  const prefix = options.continuing_subword_prefix ?? '';
  const suffix = options.end_of_word_suffix ?? '';
  const merges = readMerges(given, ids, prefix);
  const unknown = typeof options.unk_token === 'string' ? ids.get(options.unk_token) : undefined;
  const kept = new Map<string, readonly number[]>();

  const symbols = (word: string): number[] => {
    const found: number[] = [];
    let missing = 0; // unknown characters not yet written, where they are fused
    const flush = (): void => {
      for (; missing > 0 && unknown !== undefined; missing--) found.push(unknown);
    };
    const characters = Array.from(word);
    characters.forEach((character, index) => {
      const marked = `${index > 0 ? prefix : ''}${character}${index === characters.length - 1 ? suffix : ''}`;
      const id = ids.get(marked);
      const octets = id === undefined && options.byte_fallback === true ? byteTokens(marked, ids) : undefined;
      if (id !== undefined) {
        flush();
        found.push(id);
      } else if (octets !== undefined) {
        found.push(...octets);
      } else if (options.fuse_unk === true) missing = 1;
      else {
        flush();
        missing = 1;
      }
    });
    flush();
    return found;
  };

  const encode = (word: string): readonly number[] => {
    const whole = options.ignore_merges === true ? ids.get(word) : undefined;
    return whole === undefined ? merged(symbols(word), merges) : [whole];
  };
  return {
    ids,
    encode(word) {
      const known = kept.get(word);
      if (known !== undefined) return known;
      const own = encode(word);
      if (word.length <= LONGEST_KEPT && kept.size < MOST_KEPT) kept.set(word, own);
      return own;
    },
  };
}

/** What pairs of tokens become, by rank; a pair is the number `left · size + right`. */
interface Merges {
  readonly size: number;
  readonly ranks: ReadonlyMap<number, number>;
  readonly results: Int32Array;
}

function readMerges(given: readonly unknown[], ids: Vocabulary, prefix: string): Merges {
  let size = 1;
  for (const id of ids.values()) size = Math.max(size, id + 1);
  const ranks = new Map<number, number>();
  const results = new Int32Array(given.length);
  given.forEach((merge, rank) => {
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    const [left, right] = Array.isArray(pair) && pair.length === 2 ? (pair as readonly unknown[]) : [];
    if (typeof left !== 'string' || typeof right !== 'string') throw new SyntaxError(`merge ${rank} is no pair`);
    const [a, b] = [ids.get(left), ids.get(right)];
    const result = ids.get(left + (right.startsWith(prefix) ? right.slice(prefix.length) : right));
    if (a === undefined || b === undefined || result === undefined)
      throw new SyntaxError(`merge ${rank} is of tokens that are not in the vocabulary`);
    ranks.set(a * size + b, rank);
    results[rank] = result;
  });
  return { size, ranks, results };
}

/** Merges until no pair is left: O(n log n) by a heap of `rank · n + place`, for a whole text may be one word. */
function merged(tokens: number[], { size, ranks, results }: Merges): readonly number[] {
  const count = tokens.length;
  const next = Int32Array.from(tokens, (_, index) => index + 1);
  const previous = Int32Array.from(tokens, (_, index) => index - 1);
  const gone = new Uint8Array(count);
  const heap: number[] = [];
  const rankAt = (place: number): number | undefined => {
    const after = next[place]!;
    return after >= count ? undefined : ranks.get(tokens[place]! * size + tokens[after]!);
  };
  const offer = (place: number): void => {
    const rank = rankAt(place);
    if (rank !== undefined) push(heap, rank * count + place);
  };
  for (let place = 0; place < count; place++) offer(place);
  for (let top = pop(heap); top !== undefined; top = pop(heap)) {
    const [rank, place] = [Math.floor(top / count), top % count];
    const result = results[rank]!;
    const current = gone[place] === 1 ? undefined : rankAt(place);
    // An entry of a pair that is no more; another pair with the same result does as well, as in Hugging Face's implementation.
    if (current === undefined || results[current] !== result) continue;
    tokens[place] = result;
    const right = next[place]!;
    gone[right] = 1;
    const after = next[right]!;
    next[place] = after;
    if (after < count) previous[after] = place;
    const before = previous[place]!;
    if (before >= 0) offer(before);
    offer(place);
  }
  return tokens.filter((_, index) => gone[index] === 0);
}

function push(heap: number[], value: number): void {
  let place = heap.push(value) - 1;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent]!;
    if (above <= value) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = value;
}

function pop(heap: number[]): number | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  for (let place = 0; ;) {
    const left = 2 * place + 1;
    const smaller = left + 1 < heap.length && heap[left + 1]! < heap[left]! ? left + 1 : left;
    if (left >= heap.length || heap[smaller]! >= last) {
      heap[place] = last;
      return top;
    }
    heap[place] = heap[smaller]!;
    place = smaller;
  }
}
