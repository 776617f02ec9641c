// Cutting a text by a pattern, in the five ways that Hugging Face's tokenizers know.
import { z } from 'zod';
import { compilePattern } from './regex.js';

/** What is looked for: exact text, or a regular expression. */
export const patternSchema = z.union([z.object({ String: z.string() }), z.object({ Regex: z.string() })]);

/** What becomes of what was found. */
export const behaviorSchema = z
  .enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous', 'removed', 'isolated', 'contiguous'])
  .transform((name) => (name.charAt(0).toUpperCase() + name.slice(1)) as Behavior); // prettier-ignore

export type Behavior = 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous';

/** A part of a text: found by the pattern, or between two that were. */
export interface Part {
  readonly text: string;
  readonly found: boolean;
}

/** Cuts a text into parts, in order, whose texts together are the whole. */
export type Finder = (text: string) => readonly Part[];

/** A finder for the pattern of a file. Throws `SyntaxError` for an expression that cannot be carried over. */
export function patternFinder(given: z.infer<typeof patternSchema>): Finder {
  if ('Regex' in given) return expressionFinder(compilePattern(given.Regex));
  const { String: wanted } = given;
  return (text) => {
    const pieces = wanted === '' ? [text] : text.split(wanted);
    const found = { text: wanted, found: true };
    return pieces.flatMap((piece, index) => {
      const between = piece === '' ? [] : [{ text: piece, found: false }];
      return index === 0 ? between : [found, ...between];
    });
  };
}

/** A finder for a global expression. */
export function expressionFinder(expression: RegExp): Finder {
  return (text) => {
    const parts: Part[] = [];
    let end = 0;
    for (const { 0: own, index } of text.matchAll(expression)) {
      if (index > end) parts.push({ text: text.slice(end, index), found: false });
      if (own !== '') parts.push({ text: own, found: true });
      end = index + own.length;
    }
    if (end < text.length) parts.push({ text: text.slice(end), found: false });
    return parts;
  };
}

/** The pieces that a behaviour makes of parts; `invert` swaps what was found with what lies between. */
export function cut(parts: readonly Part[], behavior: Behavior, invert = false): readonly string[] {
  const pieces: string[] = [];
  let previous: boolean | undefined;
  const ordered = behavior === 'MergedWithNext' ? [...parts].reverse() : parts;
  for (const { text, found } of ordered) {
    const own = found !== invert;
    const last = pieces.at(-1);
    const merges =
      behavior === 'Contiguous' ? own === previous : behavior.startsWith('Merged') && own && previous === false;
    if (merges && last !== undefined) {
      pieces[pieces.length - 1] = behavior === 'MergedWithNext' ? text + last : last + text;
    } else if (behavior !== 'Removed' || !own) pieces.push(text);
    previous = own;
  }
  return behavior === 'MergedWithNext' ? pieces.reverse() : pieces;
}
