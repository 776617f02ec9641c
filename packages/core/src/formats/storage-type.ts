// How numbers lie on disk: the storage types carried, their sizes, and float32 values to and from them.
// Everything is little-endian, as safetensors says and as every platform Node runs on with ONNX Runtime is.
import { InputError, InternalError } from '../errors.js';

/** Bytes of one element of each storage type, by the name that safetensors gives the type. */
export const storageSizes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** How elements lie on disk, by safetensors' names. */
export type StorageType = keyof typeof storageSizes;

/** The storage types that decode to float32; the others are carried as bytes only. */
export type FloatType = 'F64' | 'F32' | 'F16' | 'BF16';

/** Whether a value from outside names a storage type that is carried. */
export function isStorageType(value: unknown): value is StorageType {
  return typeof value === 'string' && Object.hasOwn(storageSizes, value);
}

/** Whether a storage type holds floating-point numbers. */
export function isFloatType(type: StorageType): type is FloatType {
  return Object.hasOwn(codecs, type);
}

/**
 * Float32 values of little-endian bytes; F64 is rounded to nearest, the others are exact. F32 shares the bytes' memory where
 * it can. Throws InputError for a type without floats.
 */
export function decode(bytes: Uint8Array, type: StorageType): Float32Array {
  const codec = codecFor(type, 'decode');
  const size = storageSizes[type];
  if (bytes.byteLength % size !== 0)
    throw new InternalError(`${bytes.byteLength} bytes are no whole number of ${type}`);
  return codec.decode(bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes));
}

/**
 * Little-endian bytes of float32 values, rounded to nearest, ties to even; beyond the range becomes infinite. F32 shares the
 * values' memory. Throws InputError for a type without floats.
 */
export function encode(values: Float32Array, type: StorageType): Uint8Array {
  return codecFor(type, 'encode').encode(values);
}

interface Codec {
  /** The bytes start at a multiple of the element size. */
  decode(bytes: Uint8Array): Float32Array;
  encode(values: Float32Array): Uint8Array;
}

const codecs: { readonly [Type in FloatType]: Codec } = {
  F64: {
    decode: (bytes) => new Float32Array(new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8)),
    encode: (values) => bytesOf(new Float64Array(values)),
  },
  F32: {
    decode: (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
    encode: bytesOf,
  },
  F16: { decode: decodeHalf, encode: encodeHalf },
  BF16: { decode: decodeBrain, encode: encodeBrain },
};

function codecFor(type: StorageType, verb: string): Codec {
  if (isFloatType(type)) return codecs[type];
  throw new InputError({
    asked: `${verb} values of storage type ${type} as float32`,
    found: `${type} holds no floating-point numbers`,
    fix: `use a tensor of type ${Object.keys(codecs).join(', ')}, or take its bytes as they are`,
  });
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The bits of float32 values. Going through bits, never through numbers, keeps the payload of a NaN. */
function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

let halfTable: Uint32Array | undefined;

function decodeHalf(bytes: Uint8Array): Float32Array {
  halfTable ??= Uint32Array.from({ length: 0x10000 }, (_, half) => singleBits(half));
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const values = new Float32Array(halves.length);
  const bits = bitsOf(values);
  for (let i = 0; i < halves.length; i++) bits[i] = halfTable[halves[i]!]!;
  return values;
}

/** Float32 bits of one IEEE half. */
function singleBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: fraction·2⁻²⁴; shift the leading one to bit 10, where a normal number has it implied.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function encodeHalf(values: Float32Array): Uint8Array {
  const bits = bitsOf(values);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfBits(bits[i]!);
  return bytesOf(halves);
}

/** The half nearest to a float32 given as bits. */
function halfBits(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 1); // NaN stays NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and up round to infinity
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13); // a carry moves into the exponent as it should
  }
  if (magnitude < 0x33000000) return sign; // below half the smallest subnormal
  const shift = 126 - (magnitude >>> 23); // significand·2^(−24−shift) in units of 2⁻²⁴
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const kept = significand >>> shift;
  const rest = significand & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept);
}

function decodeBrain(bytes: Uint8Array): Float32Array {
  const brains = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const values = new Float32Array(brains.length);
  const bits = bitsOf(values);
  for (let i = 0; i < brains.length; i++) bits[i] = brains[i]! << 16;
  return values;
}

function encodeBrain(values: Float32Array): Uint8Array {
  const bits = bitsOf(values);
  const brains = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const single = bits[i]!;
    // Rounding could carry a NaN into infinity: truncate it, and keep one fraction bit set.
    if ((single & 0x7fffffff) > 0x7f800000) brains[i] = (single >>> 16) | ((single & 0x7f0000) === 0 ? 1 : 0);
    else brains[i] = (single + 0x7fff + ((single >>> 16) & 1)) >>> 16;
  }
  return bytesOf(brains);
}
