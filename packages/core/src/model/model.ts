// A model at hand: its family, shape, weights and tokenizer. Immutable; pruning and training give new ones.
import type { Architecture, WeightSpec } from './architecture.js';
import type { JsonObject, ModelFamily } from './family.js';

/** Weights by checkpoint name; read one at a time, so that a model need not fit in memory. */
export interface Weights {
  /** Values in row-major order. */
  read(name: string): Promise<Float32Array>;
}

/** What turns text into token ids and back. */
export interface TextCodec {
  readonly vocabularySize: number;
  readonly bos?: number;
  readonly eos?: number;
  /** Ids without special tokens. */
  encode(text: string): readonly number[];
  decode(ids: readonly number[]): string;
}

export interface Model {
  readonly family: ModelFamily;
  readonly architecture: Architecture;
  /** The config.json it came with; export changes only the sizes. */
  readonly config: JsonObject;
  readonly weights: Weights;
  readonly tokenizer: TextCodec;
  /** Hugging Face folder whose tokenizer and other small files belong to the model. */
  readonly folder: string;
  /** Storage type of each weight on disk, by name; kept on export. */
  readonly storageTypes: ReadonlyMap<string, 'F64' | 'F32' | 'F16' | 'BF16'>;
}

/** The weights of a model's shape, in checkpoint order. */
export function weightSpecs({ family, architecture }: Pick<Model, 'family' | 'architecture'>): readonly WeightSpec[] {
  return family.weights(architecture);
}

/** Weights held in memory. */
export function memoryWeights(values: ReadonlyMap<string, Float32Array>): Weights {
  return {
    read(name) {
      const own = values.get(name);
      return own === undefined ? Promise.reject(new RangeError(`no weight "${name}"`)) : Promise.resolve(own);
    },
  };
}
