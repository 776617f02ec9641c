// Which weights a backend can read where they lie.
import type { StorageType, StoredTensor } from '../backend/index.js';
import type { Weights } from './model.js';

const elementBytes: { readonly [T in StorageType]: number } = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** Where a weight lies, if it lies in a file as it is, its elements at addresses that are multiples of their size. */
export function mappable(weights: Weights, name: string): StoredTensor | undefined {
  const stored = weights.stored?.(name);
  return stored !== undefined && stored.offset % elementBytes[stored.type] === 0 ? stored : undefined;
}
