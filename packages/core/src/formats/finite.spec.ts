import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { checkFiniteBytes, encodeFinite, firstNotFinite } from './finite.js';
import { decode } from './storage-type.js';

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

describe('numbers that are none', () => {
  for (const type of ['F16', 'BF16'] as const) {
    test(`are told from all others by the bits of ${type}`, () => {
      for (let pattern = 0; pattern < 0x10000; pattern++) {
        const bytes = bytesOf(Uint16Array.of(0, pattern));
        const finite = Number.isFinite(decode(bytes, type)[1]);
        expect(firstNotFinite(bytes, type), `pattern ${pattern}`).toBe(finite ? undefined : 1);
      }
    });
  }

  test('are found in F32 and F64, where too large for float32 is one of them', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(firstNotFinite(bytesOf(Float32Array.of(1, 3e38, bad)), 'F32')).toBe(2);
      expect(firstNotFinite(bytesOf(Float64Array.of(1, bad)), 'F64')).toBe(1);
    }
    expect(firstNotFinite(bytesOf(Float64Array.of(1, 3e38)), 'F64')).toBe(undefined);
    expect(firstNotFinite(bytesOf(Float64Array.of(1, 1e300)), 'F64')).toBe(1);
  });

  test('are found at every place of any number of halves, wherever their bytes begin', () => {
    for (let length = 1; length < 8; length++)
      for (let place = 0; place < length; place++)
        for (let shift = 0; shift < 4; shift++) {
          const bytes = new Uint8Array(2 * length + shift);
          bytes.set(bytesOf(Uint16Array.from({ length }, (_, i) => (i === place ? 0x7f80 : 0x3f80))), shift);
          expect(firstNotFinite(bytes.subarray(shift), 'BF16'), `${length}, ${place}, ${shift}`).toBe(place);
        }
  });

  test('are found where the bytes are not aligned', () => {
    const bytes = new Uint8Array(9);
    bytes.set(bytesOf(Float32Array.of(1, NaN)), 1);
    expect(firstNotFinite(bytes.subarray(1), 'F32')).toBe(1);
  });

  test('are named with their weight and place', () => {
    const check = (): void =>
      checkFiniteBytes(
        bytesOf(Float32Array.of(0, 1, 2, 3, 4, -Infinity)),
        'F32',
        { name: 'a.weight', shape: [2, 3] },
        'load',
      );
    expect(check).toThrow(InputError);
    expect(check).toThrow('load: element 5 ([1, 2]) of weight "a.weight" is -Infinity.');
  });
});

describe('a weight that is written', () => {
  const write = (value: number, type: 'F16' | 'BF16' | 'F32'): Uint8Array =>
    encodeFinite(Float32Array.of(1, value), type, { name: 'a.weight', shape: [2] }, 'write');

  test('is refused where rounding would make it infinite', () => {
    expect(write(65504, 'F16')).toHaveLength(4);
    expect(write(65519.99, 'F16')).toHaveLength(4);
    expect(() => write(65520, 'F16')).toThrow(
      'write: element 1 of weight "a.weight" is 65520, and F16 holds at most 65504. Store the weights as BF16 or F32.',
    );
    expect(write(3.3895e38, 'BF16')).toHaveLength(4);
    expect(() => write(-3.4e38, 'BF16')).toThrow('BF16 holds at most 3.3895e38. Store the weights as F32.');
  });

  test('is refused where it is no number already', () => {
    for (const type of ['F16', 'BF16', 'F32'] as const) {
      expect(() => write(NaN, type)).toThrow('element 1 of weight "a.weight" is NaN');
    }
  });
});
