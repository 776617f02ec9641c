// Token documents as batches: what training, calibration and evaluation are fed.

/** B sequences of T tokens that each predict the next one; all arrays are row-major `[B, T]`. */
export interface TokenBatch {
  readonly ids: Int32Array;
  /** The token after each id. */
  readonly targets: Int32Array;
  /** 1 where a prediction counts, 0 for padding. */
  readonly weights: Float32Array;
  readonly batch: number;
  readonly length: number;
}

export type TokenBatches = AsyncIterable<TokenBatch> | Iterable<TokenBatch>;

/** Documents of token ids, each beginning with the token that begins a text where the model has one. */
export type TokenDocuments = AsyncIterable<readonly number[]> | Iterable<readonly number[]>;

/** Size of a batch. */
export interface BatchSize {
  /** Sequences. */
  readonly batch: number;
  /** Tokens per sequence that predict something. */
  readonly length: number;
}

/** Documents laid end to end and cut into sequences, so that nothing is padding; a last incomplete batch is left out. */
export async function* packed(documents: TokenDocuments, { batch, length }: BatchSize): AsyncGenerator<TokenBatch> {
  const size = batch * length;
  let pending: number[] = [];
  for await (const document of documents) {
    for (const id of document) pending.push(id);
    // Every sequence needs one token more than it has positions: the target of the last.
    let start = 0;
    for (; pending.length - start > size; start += size) {
      const ids = Int32Array.from(pending.slice(start, start + size));
      const targets = Int32Array.from(pending.slice(start + 1, start + size + 1));
      yield { ids, targets, weights: new Float32Array(size).fill(1), batch, length };
    }
    if (start > 0) pending = pending.slice(start);
  }
}

/** One document a sequence, cut at `length + 1` tokens and padded with zeros of weight 0; the last batch may hold empty rows. */
export async function* padded(documents: TokenDocuments, { batch, length }: BatchSize): AsyncGenerator<TokenBatch> {
  let rows: (readonly number[])[] = [];
  for await (const document of documents) {
    rows.push(document);
    if (rows.length < batch) continue;
    yield padRows(rows, { batch, length });
    rows = [];
  }
  if (rows.length > 0) yield padRows(rows, { batch, length });
}

/** At most `batch` documents as one padded batch. */
export function padRows(rows: readonly (readonly number[])[], { batch, length }: BatchSize): TokenBatch {
  const ids = new Int32Array(batch * length);
  const targets = new Int32Array(batch * length);
  const weights = new Float32Array(batch * length);
  rows.slice(0, batch).forEach((row, index) => {
    const count = Math.min(row.length - 1, length);
    for (let i = 0; i < count; i++) {
      ids[index * length + i] = row[i] ?? 0;
      targets[index * length + i] = row[i + 1] ?? 0;
      weights[index * length + i] = 1;
    }
  });
  return { ids, targets, weights, batch, length };
}

/** The first documents of a stream. */
export async function takeDocuments(documents: TokenDocuments, count: number): Promise<(readonly number[])[]> {
  const taken: (readonly number[])[] = [];
  if (count === 0) return taken;
  for await (const document of documents) {
    taken.push(document);
    if (taken.length === count) break;
  }
  return taken;
}
