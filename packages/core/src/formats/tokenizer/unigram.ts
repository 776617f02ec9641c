// The unigram model (Kudo 2018): the pieces whose log probabilities add up to the most.
import { z } from 'zod';
import { byteTokens, type WordModel } from './word-model.js';

const schema = z.object({
  unk_id: z.int().min(0).nullish(),
  byte_fallback: z.boolean().nullish(),
  vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
});

/** An unknown character costs so much more than the rarest piece. */
const UNKNOWN_PENALTY = 10;

interface Node {
  /** Tokens that continue this one, by UTF-16 unit. */
  readonly next: Map<number, Node>;
  id?: number;
}

/** The model of a file. Throws `SyntaxError` where it names an unknown token that it does not have. */
export function unigram(config: unknown): WordModel {
  const { vocab, unk_id: unknown, byte_fallback: bytes } = schema.parse(config);
  if (typeof unknown === 'number' && unknown >= vocab.length)
    throw new SyntaxError('the unknown token is not in the vocabulary');
  const ids = new Map(vocab.map(([token], id) => [token, id]));
  const scores = Float64Array.from(vocab, ([, score]) => score);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  const root: Node = { next: new Map() };
  for (const [token, id] of ids) insert(root, token, id);

  /** Pieces on the best path, those of unknown characters in a row as one. */
  const pieces = (text: string): readonly string[] => {
    const best = new Float64Array(text.length + 1);
    const from = new Int32Array(text.length + 1).fill(-1);
    const known = new Uint8Array(text.length + 1);
    const offer = (start: number, end: number, score: number, isKnown: boolean): void => {
      const candidate = score + best[start]!;
      if (from[end] !== -1 && candidate <= best[end]!) return;
      best[end] = candidate;
      from[end] = start;
      known[end] = isKnown ? 1 : 0;
    };
    for (let start = 0, width = 1; start < text.length; start += width) {
      width = text.codePointAt(start)! > 0xffff ? 2 : 1;
      let single = false;
      let node: Node | undefined = root;
      for (let end = start; end < text.length;) {
        node = node.next.get(text.charCodeAt(end++));
        if (node === undefined) break;
        if (node.id === undefined) continue;
        offer(start, end, scores[node.id]!, node.id !== unknown);
        single ||= end - start === width;
      }
      if (single) continue;
      if (typeof unknown !== 'number')
        throw new RangeError('a piece of the text has no id, and the tokenizer has no token for unknown pieces');
      offer(start, start + width, unknownScore, false);
    }
    const found: string[] = [];
    let fusedEnd = -1;
    for (let end = text.length; end > 0; end = from[end]!) {
      if (known[end] === 0) {
        if (fusedEnd === -1) fusedEnd = end;
        if (from[end]! > 0) continue;
        found.push(text.slice(0, fusedEnd));
      } else {
        if (fusedEnd !== -1) found.push(text.slice(end, fusedEnd));
        fusedEnd = -1;
        found.push(text.slice(from[end], end));
      }
    }
    return found.reverse();
  };
  return {
    ids,
    encode: (word) =>
      pieces(word).flatMap((piece) => {
        const id = ids.get(piece);
        if (id !== undefined) return [id];
        const octets = bytes === true ? byteTokens(piece, ids) : undefined;
        return octets ?? (typeof unknown === 'number' ? [unknown] : []);
      }),
  };
}

function insert(root: Node, token: string, id: number): void {
  let node = root;
  for (let index = 0; index < token.length; index++) {
    const unit = token.charCodeAt(index);
    let child = node.next.get(unit);
    if (child === undefined) node.next.set(unit, (child = { next: new Map() }));
    node = child;
  }
  if (token !== '') node.id = id;
}
