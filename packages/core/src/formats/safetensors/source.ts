// Tensors to be written, as data: which ones, and where their bytes come from.
import { decode, encode, isFloatType, type FloatType } from '../storage-type.js';
import type { Checkpoint } from './checkpoint.js';
import type { TensorInfo } from './header.js';

export interface TensorSource {
  /** What to write, in this order; the types are those on disk. */
  readonly tensors: readonly TensorInfo[];
  /** Gives the bytes of one tensor in its storage type; asked once for each tensor, one at a time. */
  readonly produce: (info: TensorInfo) => Promise<Uint8Array>;
}

/** All tensors of a checkpoint, byte for byte; or with floating-point ones converted to the type asked for. */
export function tensorsOf(checkpoint: Checkpoint, as?: FloatType): TensorSource {
  const target = (info: TensorInfo): TensorInfo =>
    as !== undefined && isFloatType(info.type) ? { ...info, type: as } : info;
  return {
    tensors: [...checkpoint.tensors.values()].map(target),
    produce: async ({ name, type }) => {
      const bytes = await checkpoint.bytes(name);
      const stored = checkpoint.tensors.get(name)?.type ?? type;
      return stored === type ? bytes : encode(decode(bytes, stored), type);
    },
  };
}
