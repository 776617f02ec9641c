// Where text comes from.
import type { Model, TextCodec } from '../model/index.js';
import type { StageContext } from '../pipeline/index.js';
import type { Random } from '../random.js';
import type { TokenDocuments } from './batches.js';

/** What a source may draw on. */
export interface DataContext extends StageContext {
  /** The model whose tokenizer is used, and which a source may let write. */
  readonly teacher: Model;
  /** The stream of this use of the source (training, calibration, …). */
  readonly random: Random;
}

/** A supply of documents, endless for training: a finite text begins anew in another order. */
export interface DataSource {
  readonly name: string;
  readonly summary: string;
  documents(context: DataContext): TokenDocuments;
}

/** Ids of one text: the token that begins a text, where there is one, and the text's own. */
export function encodeDocument({ bos, encode }: TextCodec, text: string): readonly number[] {
  return [...(bos === undefined ? [] : [bos]), ...encode(text)];
}
