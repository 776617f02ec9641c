// Whether a model would be judged by text that it was trained on.
import { documentHash, documentHashes, InputError, type OpenData } from '@espalier/core';

/** Documents of a training text that are compared; a larger one is told by its files alone. */
const MOST_COMPARED = 100_000;

/** What two texts have in common. */
export interface Overlap {
  /** Files of the evaluation text, by their bytes, that are read for training as well. */
  readonly files: number;
  /** Evaluation documents, by their token ids, that are trained on as well. */
  readonly documents: number;
  /** Evaluation documents in all. */
  readonly of: number;
}

/** Training texts as they were opened, and what is evaluated on. */
export interface ComparedTexts {
  readonly training: readonly Pick<OpenData, 'all' | 'files'>[];
  readonly evaluation: Pick<OpenData, 'files'> & { readonly documents: readonly (readonly number[])[] };
}

/** Counts what two texts have in common; of a generator, which has no end, no documents are compared. */
export async function overlapOf({ training, evaluation }: ComparedTexts): Promise<Overlap> {
  const asked = documentHashes(evaluation.documents);
  const found = new Set<number>();
  let compared = 0;
  for (const { all = [] } of training) {
    for await (const document of all) {
      if (compared === MOST_COMPARED) break;
      compared += 1;
      const hash = documentHash(document);
      if (asked.has(hash)) found.add(hash);
    }
  }
  return {
    files: evaluation.files?.filter((digest) => training.some(({ files = [] }) => files.includes(digest))).length ?? 0,
    documents: evaluation.documents.filter((document) => found.has(documentHash(document))).length,
    of: evaluation.documents.length,
  };
}

/** What the user should know of an overlap that is allowed, or `undefined`. Throws `InputError` for one that is not. */
export function checkOverlap(
  { files, documents, of }: Overlap,
  { data, evaluation, allowed }: { readonly data: string; readonly evaluation: string; readonly allowed: boolean },
): string | undefined {
  if (files === 0 && documents === 0) return undefined;
  const same = files === 0 ? '' : files === 1 ? 'a file is the same, and ' : `${files} files are the same, and `;
  const found = `${same}${documents} of ${of} documents are trained on as well`;
  if (allowed) return `evaluation on "${evaluation}": ${found}, so that its numbers show what was memorised`;
  throw new InputError({
    asked: `train on "${data}" and evaluate on "${evaluation}"`,
    found,
    fix: 'Leave the evaluation text out, so that a part of the training text is held back, give another one, or allow it (evaluation: { allowOverlap: true }, --allow-overlap)',
  });
}
