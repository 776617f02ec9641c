// Tokens back to text: one function per kind of decoder.
import { z } from 'zod';
import { fromByteCharacters } from './byte-level.js';
import { patternFinder, patternSchema } from './pattern.js';
import { metaspaceSchema } from './pre-tokenizers.js';

/** Tokens to texts, which are joined at the end. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

const kinds: Readonly<Record<string, (config: unknown) => Decoder>> = {
  Sequence: (config) => {
    const steps = z
      .object({ decoders: z.array(z.unknown()) })
      .parse(config)
      .decoders.map(createDecoder);
    return (tokens) => steps.reduce((own, step) => step(own), tokens);
  },
  ByteLevel: () => (tokens) => [lenient.decode(Buffer.concat(tokens.map(fromByteCharacters)))],
  Fuse: () => (tokens) => [tokens.join('')],
  ByteFallback: () => byteFallback,
  Metaspace: (config) => {
    const { replacement, prepend_scheme: scheme, add_prefix_space: prefix } = metaspaceSchema.parse(config);
    const drops = prefix !== false && scheme !== 'never';
    return (tokens) =>
      tokens.map((token, index) => token.replaceAll(replacement, () => (index === 0 && drops ? '' : ' ')));
  },
  Replace: (config) => {
    const { pattern, content } = z.object({ pattern: patternSchema, content: z.string() }).parse(config);
    const find = patternFinder(pattern);
    return (tokens) =>
      tokens.map((token) =>
        find(token)
          .map((part) => (part.found ? content : part.text))
          .join(''),
      );
  },
  Strip: (config) => {
    const { content, start, stop } = z
      .object({ content: z.string(), start: z.int().min(0), stop: z.int().min(0) })
      .parse(config);
    return (tokens) => tokens.map((token) => strip(Array.from(token), content, start, stop));
  },
  WordPiece: (config) => {
    const { prefix, cleanup } = z.object({ prefix: z.string(), cleanup: z.boolean() }).parse(config);
    return (tokens) =>
      tokens.map((token, index) => {
        const own = index === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        return cleanup ? cleaned(own) : own;
      });
  },
  BPEDecoder: (config) => {
    const { suffix } = z.object({ suffix: z.string().min(1) }).parse(config);
    return (tokens) =>
      tokens.map((token, index) => token.replaceAll(suffix, () => (index === tokens.length - 1 ? '' : ' ')));
  },
};

/** The decoder of a file; without one, tokens are joined by spaces. Throws `SyntaxError` for one that is not known. */
export function createDecoder(config: unknown): Decoder {
  if (config === null || config === undefined) return (tokens) => [tokens.join(' ')];
  const { type } = z.object({ type: z.string() }).parse(config);
  if (!Object.hasOwn(kinds, type)) throw new SyntaxError(`unknown decoder ${type}`);
  return kinds[type]?.(config) ?? ((tokens) => tokens);
}

/** Tokens of bytes in a row become their text, or one U+FFFD each where they are none. */
function byteFallback(tokens: readonly string[]): readonly string[] {
  const texts: string[] = [];
  let pending: number[] = [];
  const flush = (): void => {
    if (pending.length === 0) return;
    try {
      texts.push(strict.decode(Uint8Array.from(pending)));
    } catch {
      texts.push(...pending.map(() => '\ufffd'));
    }
    pending = [];
  };
  for (const token of tokens) {
    const octet = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (octet === undefined) {
      flush();
      texts.push(token);
    } else pending.push(Number.parseInt(octet, 16));
  }
  flush();
  return texts;
}

function strip(characters: readonly string[], content: string, start: number, stop: number): string {
  let [from, to] = [0, characters.length];
  while (from < start && from < to && characters[from] === content) from += 1;
  for (let taken = 0; taken < stop && to > from && characters[to - 1] === content; taken++) to -= 1;
  return characters.slice(from, to).join('');
}

/** Spaces that a tokenizer of words put before marks and contractions are taken away. */
function cleaned(text: string): string {
  const pairs = [
    [' .', '.'],
    [' ?', '?'],
    [' !', '!'],
    [' ,', ','],
    [" ' ", "'"],
    [" n't", "n't"],
    [" 'm", "'m"],
    [' do not', " don't"],
    [" 's", "'s"],
    [" 've", "'ve"],
    [" 're", "'re"],
  ] as const;
  return pairs.reduce((own, [from, to]) => own.replaceAll(from, to), text);
}
