// Token documents as batches: what training, calibration and evaluation are fed.
import { InputError } from '../errors.js';
import { at } from '../look-up.js';

/** B sequences of T tokens that each predict the next one; all arrays are row-major `[B, T]`. */
export interface TokenBatch {
  /** Token ids, row-major `[B, T]`. */
  readonly ids: Int32Array;
  /** The token after each id, `[B, T]`. */
  readonly targets: Int32Array;
  /** How much each prediction counts, the weight of its target: 1 as a rule, 0 for padding and for what is not to be learnt; `[B, T]`. */
  readonly weights: Float32Array;
  /** Which document each id is of, `[B, T]`: equal numbers within a row are one document. Absent where attention runs across documents. */
  readonly documents?: Int32Array;
  /** B, sequences. */
  readonly batch: number;
  /** T, tokens of a sequence that predict the next one. */
  readonly length: number;
}

/** Documents of token ids, each beginning with the token that begins a text where the model has one. */
export type TokenDocuments = AsyncIterable<readonly number[]> | Iterable<readonly number[]>;

/** A document whose tokens count each for itself: answers of a conversation and not its questions, or some more than others. */
export interface WeightedDocument {
  /** Token ids in order. */
  readonly ids: readonly number[];
  /** One for each id, 0 or more: how much predicting this token counts. The first token of a sequence is never predicted. */
  readonly weights: readonly number[];
}

/** A document all of whose tokens count 1, or one with a weight for each. */
export type TrainingDocument = readonly number[] | WeightedDocument;

/** Documents to be trained on, read as they are needed. */
export type TrainingDocuments = AsyncIterable<TrainingDocument> | Iterable<TrainingDocument>;

/** A document whose first `prompt` tokens are given and not learned, as in question and answer. */
export function prompted(ids: readonly number[], prompt: number): WeightedDocument {
  return { ids, weights: ids.map((_, index) => (index < prompt ? 0 : 1)) };
}

/** The ids of a document, whatever they weigh. */
export function documentIds(document: TrainingDocument): readonly number[] {
  return 'ids' in document ? document.ids : document;
}

/** Ids with their weights. Throws `InputError` for weights that are not one for each id, or negative or not finite. */
function parts(document: TrainingDocument): WeightedDocument {
  if (!('ids' in document)) return prompted(document, 0);
  const { ids, weights } = document;
  const wrong = weights.find((weight) => !(weight >= 0 && weight < Infinity));
  if (ids.length === weights.length && wrong === undefined) return document;
  throw new InputError({
    asked: `weigh the ${ids.length} tokens of a document`,
    found: wrong === undefined ? `it has ${weights.length} weights` : `one of its weights is ${wrong}`,
    fix: 'Give each token a finite weight of 0 or more (data source)',
  });
}

/** Size of a batch. */
export interface BatchSize {
  /** Sequences. */
  readonly batch: number;
  /** Tokens per sequence that predict something. */
  readonly length: number;
}

/** Size of a batch, and what is seen within its sequences. */
export interface PackedSize extends BatchSize {
  /**
   * Whether a token sees the documents before its own in its sequence; it does when not given. Where it does not, batches say which
   * document an id is of, and the first token of a document is not to be predicted from the one before.
   */
  readonly crossDocumentAttention?: boolean;
}

/** Batches one after another, read as they are needed. */
export type TokenBatches = AsyncIterable<TokenBatch> | Iterable<TokenBatch>;

/** Batches of one size, read as they are needed; each pass begins anew where their documents can be read anew. */
export interface SizedBatches extends BatchSize, AsyncIterable<TokenBatch> {}

/** Batches `[B, T]` of a list, of the size of the first; a smaller last one keeps its own. Throws `InputError` for an empty list. */
export function batchList(batches: readonly TokenBatch[]): SizedBatches {
  const [first] = batches;
  if (first === undefined) {
    throw new InputError({ asked: 'read batches', found: 'the list is empty', fix: 'Give at least one batch' });
  }
  return sized(first, async function* () {
    yield* await Promise.resolve(batches);
  });
}

/**
 * Batches `[B, T]` of documents laid end to end and cut into sequences, so that nothing is padding; a last incomplete batch is
 * left out. Attention runs across the documents of a sequence, unless `crossDocumentAttention` is false: a model then sees where one
 * begins by its begin and end tokens alone.
 */
export function packed(documents: TrainingDocuments, size: PackedSize): SizedBatches {
  return sized(size, () => pack(documents, size));
}

/** Batches `[B, T]` of one document a sequence, cut at `length + 1` tokens and padded with zeros of weight 0; the last batch may hold empty rows. */
export function padded(documents: TrainingDocuments, size: BatchSize): SizedBatches {
  return sized(size, () => pad(documents, size));
}

/** The same batches, of which none may have another size. Reading throws `InputError` for one that has. */
export function ofSize(batches: TokenBatches, { batch, length }: BatchSize, asked = 'work'): SizedBatches {
  return sized({ batch, length }, async function* () {
    for await (const own of batches) {
      if (own.batch !== batch || own.length !== length) {
        throw new InputError({
          asked: `${asked} on batches of ${batch} × ${length} tokens`,
          found: `one is ${own.batch} × ${own.length}`,
          fix: 'Give the size that the batches were made with (batch, length)',
        });
      }
      yield own;
    }
  });
}

function sized({ batch, length }: BatchSize, read: () => AsyncIterator<TokenBatch>): SizedBatches {
  return { batch, length, [Symbol.asyncIterator]: read };
}

async function* pack(
  documents: TrainingDocuments,
  { batch, length, crossDocumentAttention = true }: PackedSize,
): AsyncGenerator<TokenBatch> {
  const size = batch * length;
  let pending: number[] = [];
  let learned: number[] = [];
  let owners: number[] = [];
  let number = 0;
  for await (const document of documents) {
    const own = parts(document);
    for (const id of own.ids) pending.push(id);
    for (const weight of own.weights) learned.push(weight);
    for (const _ of own.ids) owners.push(number);
    number += 1;
    // Every sequence needs one token more than it has positions: the target of the last.
    let start = 0;
    for (; pending.length - start > size; start += size) {
      const ids = Int32Array.from(pending.slice(start, start + size));
      const targets = Int32Array.from(pending.slice(start + 1, start + size + 1));
      const weights = Float32Array.from(learned.slice(start + 1, start + size + 1));
      if (crossDocumentAttention) yield { ids, targets, weights, batch, length };
      else yield apart({ ids, targets, weights, batch, length }, owners.slice(start, start + size + 1));
    }
    if (start > 0) [pending, learned, owners] = [pending.slice(start), learned.slice(start), owners.slice(start)];
  }
}

/** The batch with the document of each id, counted from its first; what belongs to the next document is not predicted. */
function apart(batch: TokenBatch, owners: readonly number[]): TokenBatch {
  const first = at(owners, 0);
  const weights = batch.weights.map((weight, index) => (at(owners, index) === at(owners, index + 1) ? weight : 0));
  return { ...batch, weights, documents: Int32Array.from(owners.slice(0, -1), (own) => own - first) };
}

async function* pad(documents: TrainingDocuments, { batch, length }: BatchSize): AsyncGenerator<TokenBatch> {
  let rows: TrainingDocument[] = [];
  for await (const document of documents) {
    rows.push(document);
    if (rows.length < batch) continue;
    yield padRows(rows, { batch, length });
    rows = [];
  }
  if (rows.length > 0) yield padRows(rows, { batch, length });
}

/** At most `batch` documents as one padded batch `[B, T]`; what is beyond `batch` documents or `length + 1` tokens is left out. */
export function padRows(rows: readonly TrainingDocument[], { batch, length }: BatchSize): TokenBatch {
  const ids = new Int32Array(batch * length);
  const targets = new Int32Array(batch * length);
  const weights = new Float32Array(batch * length);
  rows.slice(0, batch).forEach((document, index) => {
    const own = parts(document);
    const start = index * length;
    const end = Math.max(0, Math.min(own.ids.length - 1, length));
    ids.set(own.ids.slice(0, end), start);
    targets.set(own.ids.slice(1, end + 1), start);
    weights.set(own.weights.slice(1, end + 1), start);
  });
  return { ids, targets, weights, documents: new Int32Array(batch * length), batch, length };
}

/** The first `count` documents of a stream, or as many as there are. */
export async function takeDocuments<Document extends TrainingDocument>(
  documents: AsyncIterable<Document> | Iterable<Document>,
  count: number,
): Promise<Document[]> {
  const taken: Document[] = [];
  if (count === 0) return taken;
  for await (const document of documents) {
    taken.push(document);
    if (taken.length === count) break;
  }
  return taken;
}
