// What tokenizer.json does to a text before it is cut: one function per kind of normalizer.
import { z } from 'zod';
import { toByteCharacters } from './byte-level.js';
import { patternFinder, patternSchema } from './pattern.js';
import { precompiledNormalizer } from './precompiled.js';

/** Text to text. */
export type Normalizer = (text: string) => string;

const kinds: Readonly<Record<string, (config: unknown) => Normalizer>> = {
  Sequence: (config) => {
    const steps = z
      .object({ normalizers: z.array(z.unknown()) })
      .parse(config)
      .normalizers.map(createNormalizer);
    return (text) => steps.reduce((own, step) => step(own), text);
  },
  NFC: () => (text) => normalized(text, 'NFC'),
  NFD: () => (text) => normalized(text, 'NFD'),
  NFKC: () => (text) => normalized(text, 'NFKC'),
  NFKD: () => (text) => normalized(text, 'NFKD'),
  Lowercase: () => lowercase,
  StripAccents: () => (text) => text.replace(/\p{M}/gu, ''),
  ByteLevel: () => toByteCharacters,
  Nmt: () => nmt,
  Prepend: (config) => {
    const { prepend } = z.object({ prepend: z.string() }).parse(config);
    return (text) => (text === '' ? text : prepend + text);
  },
  Strip: (config) => {
    const { strip_left: left, strip_right: right } = z
      .object({ strip_left: z.boolean(), strip_right: z.boolean() })
      .parse(config);
    return (text) => text.slice(left ? leadingSpace(text) : 0, right ? trailingSpace(text) : text.length);
  },
  Replace: (config) => {
    const { pattern, content } = z.object({ pattern: patternSchema, content: z.string() }).parse(config);
    const find = patternFinder(pattern);
    return (text) =>
      find(text)
        .map((part) => (part.found ? content : part.text))
        .join('');
  },
  Precompiled: (config) => {
    const { precompiled_charsmap: map } = z.object({ precompiled_charsmap: z.string().nullish() }).parse(config);
    return map === undefined || map === null || map === '' ? (text) => text : precompiledNormalizer(map);
  },
  BertNormalizer: bert,
};

/** The normalizer of a file. Throws `SyntaxError` for one that is not known. */
export function createNormalizer(config: unknown): Normalizer {
  if (config === null || config === undefined) return (text) => text;
  const { type } = z.object({ type: z.string() }).parse(config);
  if (!Object.hasOwn(kinds, type)) throw new SyntaxError(`unknown normalizer ${type}`);
  return kinds[type]?.(config) ?? ((text) => text);
}

/**
 * Characters that decompose in Unicode 12.1 and later: Hugging Face's implementation leaves them as they are, and each version of Node
 * knows others of them. Between them the forms of Unicode are stable.
 */
const older =
  /[^\u{32ff}\u{a7f1}-\u{a7f4}\u{ab69}\u{105c9}\u{105e4}\u{10781}-\u{107ba}\u{11383}-\u{11391}\u{113c5}-\u{113c8}\u{11938}\u{16121}-\u{16128}\u{16d68}-\u{16d6a}\u{1ccd6}-\u{1ccf9}\u{1e030}-\u{1e06d}\u{1f16c}\u{1fbf0}-\u{1fbf9}]+/gu;

function normalized(text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string {
  return text.replace(older, (run) => run.normalize(form));
}

/** Character by character, as Rust does it: a final sigma is not another one. */
function lowercase(text: string): string {
  return text.replace(/\p{Changes_When_Lowercased}/gu, (character) => character.toLowerCase());
}

function nmt(text: string): string {
  const kept = text.replace(/[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g, '');
  return kept.replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, ' ');
}

function bert(config: unknown): Normalizer {
  const options = z
    .object({
      clean_text: z.boolean(),
      handle_chinese_chars: z.boolean(),
      strip_accents: z.boolean().nullish(),
      lowercase: z.boolean(),
    })
    .parse(config);
  const strips = options.strip_accents ?? options.lowercase;
  return (given) => {
    let text = given;
    if (options.clean_text) {
      text = text.replace(/[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu, '').replace(/\p{White_Space}/gu, ' ');
    }
    if (options.handle_chinese_chars) text = text.replace(ideographs, ' $& ');
    if (strips) text = normalized(text, 'NFD').replace(/\p{Mn}/gu, '');
    return options.lowercase ? lowercase(text) : text;
  };
}

const ideographs =
  /[\u{4e00}-\u{9fff}\u{3400}-\u{4dbf}\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{f900}-\u{faff}\u{2f800}-\u{2fa1f}]/gu;

/** Length of the white space that a text begins with. */
export function leadingSpace(text: string): number {
  return /^\p{White_Space}*/u.exec(text)?.[0].length ?? 0;
}

/** Where the white space that a text ends in begins; backwards, for an expression would look from every place. */
export function trailingSpace(text: string): number {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text.charAt(end - 1))) end -= 1;
  return end;
}
