// Which tokens of a text are predicted, and from how much before them: documents cut to their beginning, windows that slide over
// each document, or one text cut into pieces.
import { InputError } from '@espalier/core';
import { z } from 'zod';

/** Ways of laying windows over documents, as an option. */
export const windowsOption = z
  .enum(['documents', 'rolling', 'concatenated'])
  .default('documents')
  .describe(
    'what is predicted: "documents", the first tokens of each; "rolling", every token of each, in windows that slide (transformers, lm-eval); "concatenated", all documents as one text cut into windows (wanda)',
  );

/** How windows are laid. */
export interface WindowOptions {
  readonly windows: z.output<typeof windowsOption>;
  /** Of `rolling`: tokens that are new in each window; all but one when not given, 1 to `length` − 1. */
  readonly stride?: number;
  /** Tokens of a window, the first included, which only predicts. */
  readonly length: number;
}

/** A stretch of tokens that a model reads at once. */
export interface Window {
  readonly ids: readonly number[];
  /** How many of them, at the end, are predicted; the others are only read. */
  readonly predicted: number;
  /** What was sampled as a whole: 0-based document, or 0-based window of the joined text. */
  readonly unit: number;
}

/** Windows over documents, in order. Throws `InputError` for a stride that skips tokens, and for less joined text than one window. */
export function windowsOf(documents: readonly (readonly number[])[], options: WindowOptions): readonly Window[] {
  const { windows, length } = options;
  if (windows === 'concatenated') return pieces(documents, length);
  if (windows === 'rolling') return documents.flatMap((document, unit) => rolling(document, unit, options));
  return documents.map((document, unit) => {
    const ids = document.slice(0, length);
    return { ids, predicted: Math.max(0, ids.length - 1), unit };
  });
}

/** What was sampled: what belongs to one document; of an only document its windows, which tell at least how it varies within. */
export function unitsOf<Own extends Pick<Window, 'unit'>>(windows: readonly Own[]): readonly (readonly Own[])[] {
  const units = new Map<number, Own[]>();
  for (const own of windows) {
    const before = units.get(own.unit);
    if (before === undefined) units.set(own.unit, [own]);
    else before.push(own);
  }
  return units.size === 1 ? windows.map((own) => [own]) : [...units.values()];
}

/** Throws `InputError` for a stride where windows do not slide. */
export function checkStride({ windows, stride }: Pick<WindowOptions, 'windows' | 'stride'>): void {
  if (stride === undefined || windows === 'rolling') return;
  throw new InputError({
    asked: `measure perplexity with a stride of ${stride} tokens`,
    found: `its windows are "${windows}", which do not slide`,
    fix: 'Give windows: rolling (--windows rolling) too, or leave the stride out',
  });
}

/** Throws `InputError` for windows that would slide past a token. */
export function checkSliding({ length, stride }: Required<Pick<WindowOptions, 'length' | 'stride'>>): void {
  if (stride >= 1 && stride <= length - 1) return;
  throw new InputError({
    asked: `measure perplexity in windows of ${length} tokens with a stride of ${stride}`,
    found: 'the first token of a window is not predicted, so that some tokens would be left out',
    fix: `Give a stride from 1 to ${length - 1}`,
  });
}

/** As the page on perplexity of fixed-length models in the transformers documentation slides them: the last one is shorter. */
function rolling(
  document: readonly number[],
  unit: number,
  { length, stride = length - 1 }: WindowOptions,
): readonly Window[] {
  checkSliding({ length, stride });
  const own: Window[] = [];
  for (let start = 0, done = 1; done < document.length; start += stride) {
    const ids = document.slice(start, start + length);
    own.push({ ids, predicted: start + ids.length - done, unit });
    done = start + ids.length;
  }
  return own;
}

/** The documents one after another, cut into windows that do not overlap; what is left over at the end is left out. */
function pieces(documents: readonly (readonly number[])[], length: number): readonly Window[] {
  const joined = documents.flat();
  const count = Math.floor(joined.length / length);
  if (count === 0) {
    throw new InputError({
      asked: `cut the text into windows of ${length} tokens`,
      found: `all its ${documents.length} documents together have ${joined.length}`,
      fix: 'Give a longer text, or shorter windows (maxTokens, --max-tokens)',
    });
  }
  return Array.from({ length: count }, (_, unit) => ({
    ids: joined.slice(unit * length, (unit + 1) * length),
    predicted: length - 1,
    unit,
  }));
}
