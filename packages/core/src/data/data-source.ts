// Where text comes from.
import type { Model } from '../model/index.js';
import type { StageContext } from '../pipeline/index.js';
import type { Random } from '../random.js';
import {
  packed,
  padded,
  type BatchSize,
  type TokenBatches,
  type TokenDocuments,
  type TrainingDocuments,
} from './batches.js';

/** What a source may draw on. */
export interface DataContext extends StageContext {
  /** The model whose tokenizer is used, and which a source may let write. */
  readonly teacher: Model;
  /** The stream of this use of the source (training, calibration, …). */
  readonly random: Random;
}

/** A supply of documents, endless for training: a finite text begins anew in another order. */
export interface DataSource {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: what it draws from. */
  readonly summary: string;
  /** Whether documents are laid end to end (many short ones), or each begins a sequence of its own. */
  readonly layout: 'packed' | 'padded';
  /** Begins a stream of documents of at least two tokens each; an equal `random` gives the same ones. */
  documents(context: DataContext): TokenDocuments;
}

/** A source's documents as batches `[B, T]`, in its layout. */
export function sourceBatches(source: DataSource, documents: TrainingDocuments, size: BatchSize): TokenBatches {
  return source.layout === 'packed' ? packed(documents, size) : padded(documents, size);
}

/** Documents that are produced once and kept, so that several passes see the same ones without producing them again. */
export interface RememberedDocuments {
  /** The documents, from the first one at each pass. */
  readonly documents: TokenDocuments;
  /** Ends the production and frees what it holds; the documents kept so far can still be read. */
  close(): Promise<void>;
}

/** Keeps what a producer gives; passes over `documents` may overlap, be broken off and begin anew. */
export function remembered(producer: TokenDocuments): RememberedDocuments {
  const kept: (readonly number[])[] = [];
  const iterator = asyncIterator(producer);
  const keepOneMore = async (): Promise<void> => {
    const { done, value } = await iterator.next();
    if (done !== true) kept.push(value);
  };
  return {
    documents: {
      async *[Symbol.asyncIterator]() {
        for (let index = 0; ; index++) {
          if (index >= kept.length) await keepOneMore();
          const document = kept[index];
          if (document === undefined) return;
          yield document;
        }
      },
    },
    close: async () => {
      await iterator.return();
    },
  };
}

async function* asyncIterator(documents: TokenDocuments): AsyncGenerator<readonly number[], void> {
  yield* documents;
}
