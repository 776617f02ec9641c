// Tensors of ONNX Runtime over memory that belongs to somebody else: nothing is copied.
import type { HostTensor } from '@espalier/core/graph';
import { elementTypes } from './functions.js';
import { addressOf, type OrtLibrary } from './library.js';

/** A tensor of the library; whoever makes it releases it, and holds it until then. */
export interface OrtTensor {
  /** Its address. */
  readonly value: bigint;
  /** The memory that it lies in, which lives as long as somebody holds this. */
  readonly memory: TensorMemory['memory'];
  /** Frees what the library keeps of it; its memory stays. */
  release(): void;
}

/** Where a tensor lies: elements in host memory, or an address. */
export interface TensorMemory {
  readonly dtype: keyof typeof elementTypes;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly memory: NodeJS.ArrayBufferView | bigint;
}

/** What a tensor is made with. */
export interface TensorHost {
  /** The library. */
  readonly library: OrtLibrary;
  /** `OrtMemoryInfo` of the memory that it lies in. */
  readonly memoryInfo: bigint;
}

/** A tensor over memory. Throws `Error` with the library's own words. */
export function createTensor(
  { library, memoryInfo }: TensorHost,
  { dtype, shape, bytes, memory }: TensorMemory,
): OrtTensor {
  const value = library.create(
    'CreateTensorWithDataAsOrtValue',
    memoryInfo,
    typeof memory === 'bigint' ? memory : addressOf(memory),
    bytes,
    BigInt64Array.from(shape, BigInt),
    shape.length,
    elementTypes[dtype],
  );
  return { value, memory, release: () => library.release('ReleaseValue', value) };
}

/** The memory of a host tensor. */
export function memoryOf({ dtype, shape, data }: HostTensor): TensorMemory {
  return { dtype, shape, bytes: data.byteLength, memory: data };
}
