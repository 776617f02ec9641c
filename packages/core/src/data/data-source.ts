// Where text comes from: a source is opened for a model and gives documents to train on, and others to judge by.
import type { Model } from '../model/index.js';
import type { Json, StageContext } from '../pipeline/index.js';
import type { Random } from '../random.js';
import {
  packed,
  padded,
  type PackedSize,
  type SizedBatches,
  type TokenDocuments,
  type TrainingDocument,
  type TrainingDocuments,
} from './batches.js';
import type { ClozeTokens } from './cloze-tokens.js';

/** What a source may draw on; its `random` is the run's, from which held-out documents and questions are drawn. */
export interface DataContext extends StageContext {
  /** The model whose tokenizer is used, and which a source may let write. */
  readonly teacher: Model;
  /** Tokens of a training sequence that predict the next one. */
  readonly length: number;
}

/** A supply of documents by name. */
export interface DataSource {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: what it draws from. */
  readonly summary: string;
  /** Whether documents are laid end to end (many short ones), or each begins a sequence of its own. */
  readonly layout: 'packed' | 'padded';
  /** Looks for what it would read, without reading it. Throws `InputError` for what is not there. */
  check?(): Promise<void>;
  /**
   * Opens it for a model; `openDocuments` and `openStream` make what it gives of a list or a generator. Throws `InputError` for
   * what cannot be read.
   */
  open(context: DataContext): Promise<OpenData>;
}

/** A source's documents in token ids. No document is both held out and trained on. */
export interface OpenData {
  /** Endless documents, in another order at each pass over a finite text; an equal `random` gives equal documents. */
  training(random: Random): TrainingDocuments;
  /** Different documents of at least two tokens that no training gives, the same at each call. Throws `InputError` where there are too few. */
  heldOut(): Promise<readonly (readonly number[])[]>;
  /** All documents, those held out included, where they are a finite text: what is read when nothing is trained. */
  readonly all?: TokenDocuments;
  /** Tokens of one pass over what is trained on, where it is a finite text; of a large one estimated. Throws as `heldOut`. */
  tokens?(): number;
  /** Questions about text that no training gives. */
  readonly questions?: readonly ClozeTokens[];
  /** What the user should know about this text and this model, in one line. */
  readonly notice?: string;
  /** What the documents depend on beside the options and the seed, as plain data: digests of files. */
  readonly identity: Json;
  /** SHA-256 of the files that were read, to tell whether two sources are the same text. */
  readonly files?: readonly string[];
  /** Whether documents take so long to make that several trainings should share them. */
  readonly costly?: boolean;
  /** Frees what it holds. */
  close?(): Promise<void>;
}

/** A source's documents as batches `[B, T]`, in its layout. */
export function sourceBatches(
  { layout }: Pick<DataSource, 'layout'>,
  documents: TrainingDocuments,
  size: PackedSize,
): SizedBatches {
  return layout === 'packed' ? packed(documents, size) : padded(documents, size);
}

/** Documents that are produced once and kept, so that several passes see the same ones without producing them again. */
export interface RememberedDocuments<Document extends TrainingDocument> {
  /** The documents, from the first one at each pass. */
  readonly documents: AsyncIterable<Document>;
  /** Ends the production and frees what it holds; the documents kept so far can still be read. */
  close(): Promise<void>;
}

/** Keeps what a producer gives; passes over `documents` may overlap, be broken off and begin anew. */
export function remembered<Document extends TrainingDocument>(
  producer: AsyncIterable<Document> | Iterable<Document>,
): RememberedDocuments<Document> {
  const kept: Document[] = [];
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

async function* asyncIterator<Document>(
  documents: AsyncIterable<Document> | Iterable<Document>,
): AsyncGenerator<Document, void> {
  yield* documents;
}
