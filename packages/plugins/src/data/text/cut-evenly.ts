// A text of few documents, such as one book, in pieces.
import { InputError, type TextCodec } from '@espalier/core';

/** Documents below which a text is cut into pieces: one in ten is held back. */
const FEW = 10;

/**
 * Fewer documents than ten are cut into pieces of the training length. Each begins as a text begins; a rest with nothing to
 * predict is dropped. Throws `InputError` for fewer than ten pieces.
 */
export function cutEvenly(
  documents: readonly (readonly number[])[],
  { name, length }: { readonly name: string; readonly length: number },
  { prefix: head }: Pick<TextCodec, 'prefix'>,
): readonly (readonly number[])[] {
  if (documents.length >= FEW) return documents;
  const step = Math.max(length - head.length, 1);
  const pieces = documents
    .map((document) => document.slice(head.length))
    .flatMap((body) =>
      Array.from({ length: Math.ceil(body.length / step) }, (_, index) => [
        ...head,
        ...body.slice(index * step, (index + 1) * step),
      ]),
    )
    .filter((piece) => piece.length >= 2);
  if (pieces.length >= FEW) return pieces;
  const tokens = documents.reduce((total, { length: own }) => total + own, 0);
  throw new InputError({
    asked: `train and evaluate on "${name}"`,
    found: `it has ${documents.length} documents and ${tokens} tokens in all`,
    fix: `Give at least ${FEW} lines, or ${FEW * length} tokens, or data teacher, which needs no text`,
  });
}
