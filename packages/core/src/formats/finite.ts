// Numbers that are none: NaN and infinities are found in the bytes of weights as they are read, and never written.
import { InputError } from '../errors.js';
import { quote } from './quote.js';
import { decode, encode, type FloatType } from './storage-type.js';

/** A weight by its name, and the shape that its elements are told by where it is known. */
export interface NamedWeight {
  /** Name in the checkpoint. */
  readonly name: string;
  /** Sizes of its axes, outermost first. */
  readonly shape?: readonly number[];
  /** Index in the weight of the first value that is looked at; 0 when not given. */
  readonly begin?: number;
}

/** Largest finite number of each type that float32 values may be too large for. */
const largest: Partial<Record<FloatType, string>> = { F16: '65504', BF16: '3.3895e38' };

/** Index of the first NaN or infinity among values as they lie on disk, by their bits; of F64 also what float32 cannot hold. */
export function firstNotFinite(bytes: Uint8Array, type: FloatType): number | undefined {
  switch (type) {
    case 'F64':
      return firstNotFinite(encode(decode(bytes, 'F64'), 'F32'), 'F32');
    case 'F32':
      return firstInSingles(new Uint32Array(...aligned(bytes, 4)));
    case 'F16':
      return firstInHalves(bytes, 0x7c00);
    case 'BF16':
      return firstInHalves(bytes, 0x7f80);
  }
}

/** Index of the first NaN or infinity among values in memory, by their bits. */
export function firstNotFiniteValue(values: Float32Array): number | undefined {
  return firstNotFinite(encode(values, 'F32'), 'F32');
}

// A loop for each width: one that is given arrays of both takes five times as long. The exponent of NaN and infinities is all ones.

function firstInSingles(bits: Uint32Array): number | undefined {
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7f800000) === 0x7f800000) return i;
  return undefined;
}

/** Two numbers at a time, then which one it is. */
function firstInHalves(bytes: Uint8Array, low: number): number | undefined {
  const halves = new Uint16Array(...aligned(bytes, 2));
  const high = low << 16;
  const even = halves.byteOffset % 4 === 0 ? halves.length >> 1 : 0;
  const pairs = new Uint32Array(halves.buffer, even === 0 ? 0 : halves.byteOffset, even);
  let pair = 0;
  while (pair < pairs.length && (pairs[pair]! & low) !== low && (pairs[pair]! & high) !== high) pair++;
  for (let i = 2 * pair; i < halves.length; i++) if ((halves[i]! & low) === low) return i;
  return undefined;
}

function aligned(bytes: Uint8Array, size: number): [buffer: ArrayBufferLike, offset: number, length: number] {
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return [buffer, byteOffset, bytes.byteLength / size];
}

/** Throws `InputError`, naming the weight and its first element that is NaN or infinite. */
export function checkFiniteBytes(bytes: Uint8Array, type: FloatType, weight: NamedWeight, asked: string): void {
  const index = firstNotFinite(bytes, type);
  if (index === undefined) return;
  const value = decode(bytes, type)[index];
  throw new InputError({
    asked,
    found: `${element(index, weight)} is ${value}${type === 'F64' ? ' in float32' : ''}`,
    fix: 'The checkpoint is damaged, or its training diverged: get it again, or use an earlier one',
  });
}

/** The same for values in memory. */
export function checkFiniteValues(values: Float32Array, weight: NamedWeight, asked: string): void {
  checkFiniteBytes(encode(values, 'F32'), 'F32', weight, asked);
}

/** Bytes of a weight in its storage type. Throws `InputError`, naming the weight, for a value that is or becomes NaN or infinite. */
export function encodeFinite(values: Float32Array, type: FloatType, weight: NamedWeight, asked: string): Uint8Array {
  const bytes = encode(values, type);
  const index = firstNotFinite(bytes, type);
  if (index === undefined) return bytes;
  const value = values[index];
  if (!Number.isFinite(value)) checkFiniteValues(values, weight, asked);
  throw new InputError({
    asked,
    found: `${element(index, weight)} is ${value}, and ${type} holds at most ${largest[type]}`,
    fix: type === 'F16' ? 'Store the weights as BF16 or F32' : 'Store the weights as F32',
  });
}

/** `element 5 ([1, 2]) of weight "a"`. */
function element(place: number, { name, shape = [], begin = 0 }: NamedWeight): string {
  const index = begin + place;
  const { indices: own } = shape.reduceRight<{ rest: number; indices: number[] }>(
    ({ rest, indices }, size) => ({ rest: Math.floor(rest / size), indices: [rest % size, ...indices] }),
    { rest: index, indices: [] },
  );
  const indices = shape.length > 1 ? ` ([${own.join(', ')}])` : '';
  return `element ${index}${indices} of weight ${quote(name)}`;
}
