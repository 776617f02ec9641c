// Token documents as batches: what training, calibration and evaluation are fed.

/** B sequences of T tokens that each predict the next one; all arrays are row-major `[B, T]`. */
export interface TokenBatch {
  /** Token ids, row-major `[B, T]`. */
  readonly ids: Int32Array;
  /** The token after each id, `[B, T]`. */
  readonly targets: Int32Array;
  /** 1 where a prediction counts, 0 where the target is padding or of a prompt: `[B, T]`. */
  readonly weights: Float32Array;
  /** B, sequences. */
  readonly batch: number;
  /** T, tokens of a sequence that predict the next one. */
  readonly length: number;
}

/** Batches one after another, read as they are needed. */
export type TokenBatches = AsyncIterable<TokenBatch> | Iterable<TokenBatch>;

/** Documents of token ids, each beginning with the token that begins a text where the model has one. */
export type TokenDocuments = AsyncIterable<readonly number[]> | Iterable<readonly number[]>;

/** A document whose first `prompt` tokens are given and not learned, as in question and answer. */
export interface PromptedDocument {
  /** Token ids of prompt and continuation, in order. */
  readonly ids: readonly number[];
  /** Predictions of these first tokens have weight 0. */
  readonly prompt: number;
}

/** A document all of whose tokens are learned, or one with a prompt. */
export type TrainingDocument = readonly number[] | PromptedDocument;

/** Documents to be trained on, read as they are needed. */
export type TrainingDocuments = AsyncIterable<TrainingDocument> | Iterable<TrainingDocument>;

/** Its ids, and from which place on they are learned. */
function parts(document: TrainingDocument): PromptedDocument {
  return 'ids' in document ? document : { ids: document, prompt: 0 };
}

/** Size of a batch. */
export interface BatchSize {
  /** Sequences. */
  readonly batch: number;
  /** Tokens per sequence that predict something. */
  readonly length: number;
}

/** Batches `[B, T]` of documents laid end to end and cut into sequences, so that nothing is padding; a last incomplete batch is left out.
 * Attention is not cut between documents: one sees the end of the one before it, and the tokens that end and begin them tell them apart. */
export async function* packed(documents: TrainingDocuments, { batch, length }: BatchSize): AsyncGenerator<TokenBatch> {
  const size = batch * length;
  let pending: number[] = [];
  let learned: number[] = [];
  for await (const document of documents) {
    const { ids: own, prompt } = parts(document);
    own.forEach((id, index) => {
      pending.push(id);
      learned.push(index < prompt ? 0 : 1);
    });
    // Every sequence needs one token more than it has positions: the target of the last.
    let start = 0;
    for (; pending.length - start > size; start += size) {
      const ids = Int32Array.from(pending.slice(start, start + size));
      const targets = Int32Array.from(pending.slice(start + 1, start + size + 1));
      const weights = Float32Array.from(learned.slice(start + 1, start + size + 1));
      yield { ids, targets, weights, batch, length };
    }
    if (start > 0) [pending, learned] = [pending.slice(start), learned.slice(start)];
  }
}

/** Batches `[B, T]` of one document a sequence, cut at `length + 1` tokens and padded with zeros of weight 0; the last batch may hold empty rows. */
export async function* padded(documents: TrainingDocuments, { batch, length }: BatchSize): AsyncGenerator<TokenBatch> {
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
    const { ids: row, prompt } = parts(document);
    const count = Math.min(row.length - 1, length);
    for (let i = 0; i < count; i++) {
      ids[index * length + i] = row[i] ?? 0;
      targets[index * length + i] = row[i + 1] ?? 0;
      weights[index * length + i] = i + 1 < prompt ? 0 : 1;
    }
  });
  return { ids, targets, weights, batch, length };
}

/** The first `count` documents of a stream, or as many as there are. */
export async function takeDocuments(documents: TokenDocuments, count: number): Promise<(readonly number[])[]> {
  const taken: (readonly number[])[] = [];
  if (count === 0) return taken;
  for await (const document of documents) {
    taken.push(document);
    if (taken.length === count) break;
  }
  return taken;
}
