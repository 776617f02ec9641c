// Tensors in host memory: making, reading and checking them.
import { describe, expect, test } from 'vitest';
import { add, input, state } from '../graph/build.js';
import { program } from '../graph/program.js';
import { GraphError } from '../graph/shape-rules.js';
import { halfToNumber, numberToHalf } from './float16.js';
import {
  checkHostTensor,
  checkRun,
  hostFloats,
  hostIntegers,
  hostNumber,
  hostTensor,
  hostValues,
  hostZeros,
} from './host.js';
import { referenceBackend } from './reference.js';

test('each dtype lies in its own kind of array', () => {
  const made = (['float32', 'float16', 'int32', 'bool'] as const).map((dtype) =>
    hostZeros({ shape: [2, 0, 3], dtype }),
  );
  expect(made.map(({ data }) => data.constructor.name)).toEqual([
    'Float32Array',
    'Uint16Array',
    'Int32Array',
    'Uint8Array',
  ]);
  expect(hostZeros({ shape: [], dtype: 'bool' }).data).toHaveLength(1);
});

test('one number fills a shape, several must be as many as it has elements', () => {
  expect(Array.from(hostFloats(0.5, [2, 2]).data)).toEqual([0.5, 0.5, 0.5, 0.5]);
  expect(Array.from(hostIntegers([1, -2], [2]).data)).toEqual([1, -2]);
  expect(() => hostFloats([1, 2, 3], [2])).toThrow('3 values do not fill 2 elements');
  expect(() => hostTensor({ shape: [2], dtype: 'float16' }, [1])).toThrow(GraphError);
});

test('numbers are rounded to their dtype and read back', () => {
  const through = (dtype: 'float32' | 'float16' | 'int32' | 'bool', values: number[]): number[] =>
    Array.from(hostValues(hostTensor({ shape: [values.length], dtype }, values)));
  expect(through('float32', [0.1, -Infinity, NaN])).toEqual([Math.fround(0.1), -Infinity, NaN]);
  expect(through('float16', [0.1, 65504, 1e6])).toEqual([0.0999755859375, 65504, Infinity]);
  expect(through('int32', [-1.7, 2 ** 31])).toEqual([-1, -(2 ** 31)]);
  expect(through('bool', [0, 1])).toEqual([0, 1]);
});

test('the number of a one-element tensor is read through its dtype', () => {
  expect(hostNumber(hostTensor({ shape: [1, 1], dtype: 'float16' }, [1.5]))).toBe(1.5);
  for (const wrong of [undefined, hostFloats(0, [0]), hostFloats(0, [2])]) {
    expect(() => hostNumber(wrong)).toThrow('expected a tensor with one element');
  }
});

describe('float16', () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // halfway to the smallest, to even
    [2 ** -25 * 1.01, 0x0001],
    [1 + 2 ** -11, 0x3c00], // halfway, to even
    [1 + 3 * 2 ** -11, 0x3c02], // halfway, to even
    [2 - 2 ** -12, 0x4000], // carries into the exponent
    [1 / 3, 0x3555],
  ])('%d is %i', (value, bits) => {
    expect(numberToHalf(value)).toBe(bits);
  });

  test('NaN stays NaN', () => {
    expect(halfToNumber(numberToHalf(NaN))).toBeNaN();
    expect(halfToNumber(0x7c01)).toBeNaN();
  });

  test('every half survives the way through a number', () => {
    const all = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => !Number.isNaN(halfToNumber(bits)));
    expect(all).toHaveLength(0x10000 - 2 * 1023);
    expect(all.filter((bits) => numberToHalf(halfToNumber(bits)) !== bits)).toEqual([]);
  });
});

describe('checks say what a tensor is and what it must be', () => {
  const type = { shape: [2], dtype: 'float32' } as const;
  test.each([
    ['missing', undefined, 'input "x" is missing; it must be float32[2]'],
    ['of another shape', hostFloats(0, [2, 1]), 'input "x" is float32[2, 1]; it must be float32[2]'],
    ['of another dtype', hostIntegers(0, [2]), 'input "x" is int32[2]; it must be float32[2]'],
    ['too short', { ...type, data: new Float32Array(1) }, 'input "x" holds 1 values; float32[2] needs 2'],
  ])('%s', (_title, tensor, message) => {
    expect(() => checkHostTensor('input "x"', type, tensor)).toThrow(new GraphError(message));
  });

  test('before a run', async () => {
    const compiled = program('step', { outputs: { y: add(input('x', [2], 'float32'), state('s', [2], 'float32')) } });
    const x = hostFloats(0, [2]);
    expect(() => checkRun(compiled, {}, undefined)).toThrow('input "x" of program "step" is missing');
    expect(() => checkRun(compiled, { x }, undefined)).toThrow(
      'state "s" of program "step" is missing; it must be float32[2]',
    );
    const wrong = await referenceBackend().createState({ s: { shape: [3], dtype: 'float32' } });
    expect(() => checkRun(compiled, { x }, wrong)).toThrow(
      'state "s" of program "step" is float32[3]; it must be float32[2]',
    );
  });
});
