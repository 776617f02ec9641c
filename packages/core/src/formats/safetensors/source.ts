// Tensors to be written, as data: which ones, and where their bytes come from.
import { decode, encode, isFloatType, type FloatType } from '../storage-type.js';
import type { Checkpoint } from './checkpoint.js';
import type { TensorInfo } from './header.js';

export interface TensorSource {
  /** What to write, in this order; the types are those on disk. */
  readonly tensors: readonly TensorInfo[];
  /** Gives the bytes of one tensor in its storage type, in as many pieces as it likes; asked once for each tensor, one at a time. */
  readonly produce: (info: TensorInfo) => Pieces;
}

/** Bytes one after another, each wanted when those before have been dealt with. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array | Promise<Uint8Array>>;

/** Most elements of a tensor that are copied at a time. */
const COPIED = 2 ** 20;

/** All tensors of a checkpoint, byte for byte; or with floating-point ones converted to the type asked for. */
export function tensorsOf(checkpoint: Checkpoint, as?: FloatType): TensorSource {
  const target = (info: TensorInfo): TensorInfo =>
    as !== undefined && isFloatType(info.type) ? { ...info, type: as } : info;
  return {
    tensors: [...checkpoint.tensors.values()].map(target),
    async *produce({ name, type }) {
      const stored = checkpoint.tensors.get(name)?.type ?? type;
      for await (const bytes of bytesInPieces(checkpoint, name))
        yield stored === type ? bytes : encode(decode(bytes, stored), type);
    },
  };
}

/** The bytes of one tensor, no more than 8 MB at a time. Throws InputError for a name that is not in the checkpoint. */
export async function* bytesInPieces(checkpoint: Checkpoint, name: string): AsyncGenerator<Uint8Array, void> {
  const { shape = [] } = checkpoint.tensors.get(name) ?? {};
  const count = shape.reduce((a, b) => a * b, 1);
  for (let begin = 0; begin < count; begin += COPIED)
    yield await checkpoint.bytes(name, { begin, end: Math.min(count, begin + COPIED) });
}
