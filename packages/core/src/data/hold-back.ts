// Which documents are held back from training. A hash of its content says so of each, so that equal documents are never on both
// sides, and neither order, duplicates nor growth of a text bring one that was trained on to the other side.
import { InputError } from '../errors.js';
import { documentIds, type TrainingDocument, type TrainingDocuments } from './batches.js';

/** Documents to train on, and others to judge by. */
export interface HeldBack {
  /** In their order; none is equal to one that is held out. */
  readonly training: readonly TrainingDocument[];
  /** Ids of the others in the order in which each first came, each once, of at least two tokens. */
  readonly heldOut: readonly (readonly number[])[];
}

/** Documents of a stream that may be passed over one after another before it is said to hold no others. */
const MOST_PASSED_OVER = 10_000;

/** A hash of token ids, uniform in [0, 1): the two halves of a 53-bit multiplicative hash (cyrb53), mixed at the end. */
export function documentHash(document: TrainingDocument): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const id of documentIds(document)) {
    a = Math.imul(a ^ id, 0x9e3779b1);
    b = Math.imul(b ^ id, 0x5f356495);
    a ^= a >>> 15; // a multiplication carries bits upwards only
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return ((b >>> 0) * 2 ** 21 + ((a >>> 0) >>> 11)) / 2 ** 53;
}

/** The hashes of documents. */
export function documentHashes(documents: readonly TrainingDocument[]): ReadonlySet<number> {
  return new Set(documents.map(documentHash));
}

/**
 * Holds back the different documents whose hash is below `share`, one at least, and of those the `most` with the least hashes.
 * Throws `InputError` for documents that are all equal.
 */
export function holdBack(documents: readonly TrainingDocument[], share = 0.1, most = 1024): HeldBack {
  const known = new Map<number, readonly number[]>();
  for (const document of documents) {
    const ids = documentIds(document);
    const hash = documentHash(ids);
    if (ids.length >= 2 && !known.has(hash)) known.set(hash, ids); // a single token predicts nothing
  }
  if (known.size < 2) {
    throw new InputError({
      asked: `hold back a part of ${documents.length} documents`,
      found: known.size === 1 ? 'those of at least two tokens are all equal' : 'none has two tokens or more',
      fix: 'Give at least two different documents, or read the text in other pieces',
    });
  }
  const held = new Set(leastHashes([...known.keys()], share, Math.min(most, known.size - 1)));
  return {
    training: documents.filter((document) => !held.has(documentHash(document))),
    heldOut: [...known].filter(([hash]) => held.has(hash)).map(([, ids]) => ids),
  };
}

/** Of different hashes those below `share`, or the least where none is; at most so many, the least ones. */
export function leastHashes(hashes: readonly number[], share: number, most: number): readonly number[] {
  const ordered = hashes.toSorted((a, b) => a - b);
  const below = ordered.filter((hash) => hash < share);
  return (below.length === 0 ? ordered.slice(0, 1) : below).slice(0, most);
}

/** A stream without the documents that are held out. Throws `InputError` when it seems to hold no others. */
export function withoutHeldOut(
  documents: TrainingDocuments,
  heldOut: readonly TrainingDocument[],
): AsyncGenerator<TrainingDocument> {
  const held = documentHashes(heldOut);
  return withoutHashes(documents, (hash) => held.has(hash));
}

/** A stream without the documents of some hashes, as `hashOf` gives them. Throws as `withoutHeldOut`. */
export async function* withoutHashes(
  documents: TrainingDocuments,
  isHeldOut: (hash: number) => boolean,
  hashOf: (document: TrainingDocument) => number = documentHash,
): AsyncGenerator<TrainingDocument> {
  let passedOver = 0;
  for await (const document of documents) {
    passedOver = isHeldOut(hashOf(document)) ? passedOver + 1 : 0;
    if (passedOver === 0) yield document;
    else if (passedOver === MOST_PASSED_OVER) {
      throw new InputError({
        asked: 'train on documents that are not held out',
        found: `the last ${MOST_PASSED_OVER} documents of the stream are all held out`,
        fix: 'Give a source of more, and more different, documents',
      });
    }
  }
}
