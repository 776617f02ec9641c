// A model at hand: its family, shape, weights and tokenizer. Immutable; pruning and training give new ones.
import type { StorageType, StoredTensor } from '../backend/index.js';
import type { Architecture, WeightSpec } from './architecture.js';
import type { JsonObject, ModelFamily } from './family.js';

/** Weights by checkpoint name; read one at a time or in parts, so that neither a model nor its largest weight need fit in memory. */
export interface Weights {
  /**
   * Values in row-major order, as the checkpoint stores them (see `WeightSpec.storedMinus`). Others may be given the same array:
   * copy it before you write to it. Rejects for a name that is not there.
   */
  read(name: string): Promise<Float32Array>;
  /**
   * Elements `begin` up to `end` (left out) of what `read` gives, at the cost of no more than those; absent where a weight is made
   * whole. `weightParts` goes through a weight in either case.
   */
  range?(name: string, begin: number, end: number): Promise<Float32Array>;
  /** Where a weight lies as it is; undefined, or absent for all, where `read` gives other values than a file holds. */
  stored?(name: string): StoredTensor | undefined;
  /** Reads a stored weight through for NaN and infinities, once; rejects with `InputError` that names the first. `read` and `range` find them by themselves. */
  check?(name: string): Promise<void>;
}

/**
 * What turns text into token ids and back, and what belongs around a text. `encodeDocument`, `encodeTrainingDocument` and
 * `encodePrompt` put the two together; nothing else adds special tokens.
 */
export interface TextCodec {
  /** Ids are below it; not every one below need have a token. */
  readonly vocabularySize: number;
  /** Ids that stand before every document, as the tokenizer itself puts them there: the token that begins a text, or nothing. */
  readonly prefix: readonly number[];
  /** Ids that the tokenizer itself puts behind every document; nothing for most. */
  readonly suffix: readonly number[];
  /** What a text begins with that is sampled from nothing: the prefix, else the token that begins a text, else the one that ends it. */
  readonly sampleStart: readonly number[];
  /** Id of the token that ends a document, where there is one. */
  readonly eos?: number;
  /** Ids of all tokens after which generation ends, `eos` among them. */
  readonly endTokens: readonly number[];
  /** Whether a token has this id; others are never drawn. */
  hasToken(id: number): boolean;
  /** Ids of a text, nothing added; a special token spelled out in the text becomes its id, as it does in transformers. */
  encode(text: string): readonly number[];
  /** The text of ids; special tokens included, spaces left as they are. */
  decode(ids: readonly number[]): string;
}

/** A model at hand. Weights may lie on disk until they are read. */
export interface Model {
  /** How its config, weights and graph are to be read. */
  readonly family: ModelFamily;
  /** Its shape. */
  readonly architecture: Architecture;
  /** The config.json it came with; export changes only the sizes. */
  readonly config: JsonObject;
  /** One for every name that the family's `weights` list. */
  readonly weights: Weights;
  /** Its tokenizer; token ids of all stages are of this one. */
  readonly tokenizer: TextCodec;
  /** Hugging Face folder whose tokenizer and other small files belong to the model. */
  readonly folder: string;
  /** Storage type of each weight on disk, by name; kept on export. */
  readonly storageTypes: ReadonlyMap<string, StorageType>;
}

/** The weights of a model's shape, in checkpoint order. */
export function weightSpecs({ family, architecture }: Pick<Model, 'family' | 'architecture'>): readonly WeightSpec[] {
  return family.weights(architecture);
}

/** Weights held in memory, by checkpoint name. Reading another name rejects with `RangeError`. */
export function memoryWeights(values: ReadonlyMap<string, Float32Array>): Weights {
  const read = (name: string): Promise<Float32Array> => {
    const own = values.get(name);
    return own === undefined ? Promise.reject(new RangeError(`no weight "${name}"`)) : Promise.resolve(own);
  };
  return { read, range: async (name, begin, end) => (await read(name)).subarray(begin, end) };
}
