// What a shape needs in memory to be served. From the named axes alone; nothing is read or run.
import { storageSizes } from '../formats/index.js';
import type { FloatType } from '../formats/storage-type.js';
import type { ModelShape } from '../model/index.js';
import { layersWith, modelParameters } from './parameters.js';

/** Storage types in which weights and cached keys and values are counted: those of checkpoints, and 8-bit ones. */
export type CostStorage = FloatType | 'F8' | 'I8';

/** Bytes of one number. */
export function storageBytes(storage: CostStorage): number {
  return storage === 'F8' ? 1 : storageSizes[storage];
}

/** How a model is used: B sequences of T tokens. */
export interface Workload {
  /** Sequences at a time. */
  readonly batch: number;
  /** Tokens in each. */
  readonly length: number;
}

/** Bytes of all weights in one storage type: parameters · bytes of one. */
export function weightBytes(model: ModelShape, storage: CostStorage): number {
  return modelParameters(model).parameters * storageBytes(storage);
}

/** Bytes of keys and values of every token: 2 · layers with attention · kvHeads · headDim · batch · length numbers. */
export function cacheBytes(model: ModelShape, { batch, length }: Workload, storage: CostStorage): number {
  const { kvHeads, headDim } = model.architecture.sizes;
  return 2 * layersWith('kvHeads·headDim', model) * kvHeads * headDim * batch * length * storageBytes(storage);
}

/** How a model is served. */
export interface Serving extends Workload {
  /** Storage type of the weights. */
  readonly storage: CostStorage;
  /** Storage type of the key/value cache; that of the weights when not given. */
  readonly cacheStorage?: CostStorage;
}

/** Bytes of weights and full key/value cache: the memory budget of a target. Activations of one step are not counted. */
export function servingBytes(model: ModelShape, { storage, cacheStorage = storage, ...workload }: Serving): number {
  return weightBytes(model, storage) + cacheBytes(model, workload, cacheStorage);
}
