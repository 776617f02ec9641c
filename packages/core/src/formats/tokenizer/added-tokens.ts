// Tokens that are found in a text before anything else is done to it (special ones), or right after it was normalised.
import { z } from 'zod';
import { leadingSpace, trailingSpace, type Normalizer } from './normalizers.js';

/** A token of `added_tokens`. */
export const addedTokenSchema = z.object({
  id: z.int().min(0).max(2 ** 24),
  content: z.string(),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
}); // prettier-ignore

export type AddedToken = z.infer<typeof addedTokenSchema>;

/** A part of a text: a token that was found, or what lies between two. */
export type Section = { readonly id: number } | { readonly text: string; readonly first: boolean };

interface Node {
  readonly next: Map<number, Node>;
  token?: AddedToken;
}

/** What cuts a text at tokens: the longest at each place, from left to right. */
export type TokenFinder = (text: string) => readonly Section[];

const endsInWord = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const beginsWithWord = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** A finder of those tokens that are looked for in the text as it is given, and one for the text as it was normalised. */
export function tokenFinders(
  tokens: readonly AddedToken[],
  normalize: Normalizer,
): { readonly given: TokenFinder; readonly normalized: TokenFinder } {
  const isNormalized = ({ normalized, special }: AddedToken): boolean => normalized ?? !special;
  return {
    given: finder(tokens.filter((token) => !isNormalized(token)).map((token) => [token.content, token])),
    normalized: finder(tokens.filter(isNormalized).map((token) => [normalize(token.content), token])),
  };
}

function finder(entries: readonly (readonly [string, AddedToken])[]): TokenFinder {
  const root: Node = { next: new Map() };
  for (const [content, token] of entries) {
    let node = root;
    for (let index = 0; index < content.length; index++) {
      const unit = content.charCodeAt(index);
      let child = node.next.get(unit);
      if (child === undefined) node.next.set(unit, (child = { next: new Map() }));
      node = child;
    }
    if (content !== '') node.token ??= token;
  }
  return (text) => {
    if (root.next.size === 0) return text === '' ? [] : [{ text, first: true }];
    const sections: Section[] = [];
    let done = 0;
    const between = (end: number): void => {
      if (end > done) sections.push({ text: text.slice(done, end), first: done === 0 });
    };
    for (let place = 0; place < text.length;) {
      const found = longest(root, text, place);
      if (found === undefined) {
        place += 1;
        continue;
      }
      const { token, end } = found;
      const start = place;
      place = end;
      if (token.single_word && (touches(text, start, -1) || touches(text, end, 1))) continue;
      const from = token.lstrip ? Math.max(done, done + trailingSpace(text.slice(done, start))) : start;
      between(from);
      sections.push({ id: token.id });
      done = token.rstrip ? end + leadingSpace(text.slice(end)) : end;
      place = Math.max(place, done);
    }
    between(text.length);
    return sections;
  };
}

function touches(text: string, place: number, side: -1 | 1): boolean {
  return side === -1
    ? endsInWord.test(text.slice(Math.max(0, place - 2), place))
    : beginsWithWord.test(text.slice(place, place + 2));
}

function longest(
  root: Node,
  text: string,
  place: number,
): { readonly token: AddedToken; readonly end: number } | undefined {
  let node: Node | undefined = root;
  let found: { readonly token: AddedToken; readonly end: number } | undefined;
  for (let end = place; end < text.length;) {
    node = node.next.get(text.charCodeAt(end++));
    if (node === undefined) break;
    if (node.token !== undefined) found = { token: node.token, end };
  }
  return found;
}
