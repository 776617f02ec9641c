import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.js';
import { decode, encode, type StorageType } from './storage-type.js';

const everyPattern = Uint16Array.from({ length: 0x10000 }, (_, pattern) => pattern);
const asBytes = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const asHalves = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.slice().buffer);
const singles = (...bits: number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);

/** The value of a 16-bit float by the definition of the format, in float64. */
function definedValue(pattern: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern & 0x7fff) >> fractionBits;
  const fraction = (pattern & ((1 << fractionBits) - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

describe.each([
  { type: 'F16', exponentBits: 5, infinity: 0x7c00 },
  { type: 'BF16', exponentBits: 8, infinity: 0x7f80 },
] as const)('$type', ({ type, exponentBits, infinity }) => {
  it('decodes all 65536 patterns to the values that the format defines', () => {
    const values = decode(asBytes(everyPattern), type);
    const expected = Float64Array.from(everyPattern, (pattern) => definedValue(pattern, exponentBits));
    for (const [pattern, value] of values.entries())
      if (!Object.is(value, expected[pattern]))
        expect.fail(`pattern ${pattern} gave ${value}, not ${expected[pattern]}`);
  });

  it('encodes all 65536 decoded patterns back to themselves, payloads of NaN included', () => {
    expect(asHalves(encode(decode(asBytes(everyPattern), type), type))).toEqual(everyPattern);
  });

  it('rounds each midpoint to the even neighbour and the float32 numbers around it to the nearer one', () => {
    const size = infinity; // every finite non-negative pattern, with its successor
    const halfway = new Float32Array(size);
    for (let pattern = 0; pattern < size; pattern++) {
      // The successor of the largest is where infinity would lie if the exponents went on.
      const next = pattern + 1 === infinity ? 2 ** (2 ** (exponentBits - 1)) : definedValue(pattern + 1, exponentBits);
      halfway[pattern] = (definedValue(pattern, exponentBits) + next) / 2;
    }
    // For BF16 half of the smallest subnormal step is still a float32 number, so every midpoint is exact.
    const bits = new Uint32Array(halfway.buffer);
    const round = (offset: number): Uint16Array =>
      asHalves(encode(new Float32Array(bits.map((each) => each + offset).buffer), type));
    expect(round(0)).toEqual(everyPattern.slice(0, size).map((pattern) => pattern + (pattern & 1)));
    expect(round(-1)).toEqual(everyPattern.slice(0, size));
    expect(round(1)).toEqual(everyPattern.slice(1, size + 1));
    const negative = asHalves(
      encode(
        halfway.map((value) => -value),
        type,
      ),
    );
    expect(negative).toEqual(everyPattern.slice(0, size).map((pattern) => 0x8000 | (pattern + (pattern & 1))));
  });

  it('keeps infinities, signs of zero, and NaN as NaN even when its payload is cut off', () => {
    const given = singles(0x7f800000, 0xff800000, 0, 0x80000000, 0x7f800001, 0xff800001);
    const [up, down, plus, minus, nan, negativeNan] = asHalves(encode(given, type));
    expect([up, down, plus, minus]).toEqual([infinity, 0x8000 | infinity, 0, 0x8000]);
    expect(nan).toBeGreaterThan(infinity);
    expect(negativeNan).toBeGreaterThan(0x8000 | infinity);
  });

  it('rounds as PyTorch does', () => {
    const path = join(import.meta.dirname, 'fixtures/storage-types.json');
    const golden = JSON.parse(readFileSync(path, 'utf8')) as Record<'float32' | typeof type, string>;
    const given = decode(Buffer.from(golden.float32, 'base64'), 'F32');
    expect(given.length).toBeGreaterThan(600);
    expect(Buffer.from(encode(given, type)).toString('base64')).toBe(golden[type]);
  });
});

describe('storage types', () => {
  it('carry float32 values through F32 and F64 unchanged, and round F64 to nearest', () => {
    const values = Float32Array.of(0.1, -0, 3.4e38, 1e-45, Infinity);
    expect(decode(encode(values, 'F32'), 'F32')).toEqual(values);
    expect(decode(encode(values, 'F64'), 'F64')).toEqual(values);
    expect(decode(asBytes(Float64Array.of(1 + 2 ** -24, 1 + 3 * 2 ** -24)), 'F64')).toEqual(
      Float32Array.of(1, 1 + 2 ** -22),
    );
  });

  it('are decoded from bytes that do not start on a multiple of their size', () => {
    const padded = new Uint8Array(9);
    padded.set(encode(Float32Array.of(1.5, -2), 'F32'), 1);
    expect(decode(padded.subarray(1), 'F32')).toEqual(Float32Array.of(1.5, -2));
    expect(decode(Buffer.from([9, 0, 0x3c, 0, 0xc0]).subarray(1), 'F16')).toEqual(Float32Array.of(1, -2));
  });

  it.each<StorageType>(['I64', 'I32', 'I16', 'I8', 'U8', 'BOOL'])('without floats are refused: %s', (type) => {
    expect(() => decode(new Uint8Array(8), type)).toThrow(InputError);
    expect(() => encode(new Float32Array(1), type)).toThrow(InputError);
  });

  it('are whole numbers of elements', () => {
    expect(() => decode(new Uint8Array(7), 'F16')).toThrow('internal: 7 bytes are no whole number of F16');
  });
});
