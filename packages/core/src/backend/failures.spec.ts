// What is said about programs that do not fit, and devices that give up.
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { input, sum } from '../graph/build.js';
import { program } from '../graph/program.js';
import { GraphError } from '../graph/shape-rules.js';
import { checkMemory, deviceFailure } from './failures.js';

const GIB = 2 ** 30;
const step = program('distil', { outputs: { y: sum(input('ids', [8, 256], 'int32')) } });
const single = program('p', { outputs: { y: sum(input('ids', [1, 256], 'int32')) } });
const need = { peakBytes: 6 * GIB, largestBytes: GIB };

describe('memory is checked before anything is allocated', () => {
  test('what fits passes, and so does what nothing is known of', () => {
    expect(() => checkMemory('a:b', step, need, { memory: 8 * GIB, largestValue: GIB })).not.toThrow();
    expect(() => checkMemory('a:b', step, need, {})).not.toThrow();
  });

  test('what does not fit is told to lower the batch, and to what', () => {
    expect(() => checkMemory('tfjs:wasm', step, need, { memory: 4 * GIB })).toThrow(
      'run program "distil" on tfjs:wasm: it needs about 6.0 GiB at once and the device has 4.0 GiB. ' +
        'Lower the batch from 8 to 5, or take a smaller model, or another device.',
    );
  });

  test('a single value can be too large', () => {
    expect(() => checkMemory('tfjs:webgpu', step, need, { largestValue: GIB / 8 })).toThrow(
      'one of its values takes 1.0 GiB and the device allows 128.0 MiB for each. Lower the batch from 8 to 1',
    );
  });

  test('a batch of one leaves the length to be lowered', () => {
    expect(() => checkMemory('a:b', single, need, { memory: 3 * GIB })).toThrow('Lower the length from 256 to 128');
  });
});

describe('a run that fails', () => {
  test('out of memory says what to lower, and keeps its cause', () => {
    const cause = new Error('WebGPU: out of memory: buffer of 5 GB');
    const found = deviceFailure('ort:webgpu', step, 6 * GIB, cause);
    expect(found).toBeInstanceOf(InputError);
    expect(found).toMatchObject({ cause });
    expect(String(found)).toContain(
      'the device ran out of memory (the program needs about 6.0 GiB). Lower the batch from 8 to 4',
    );
  });

  test('on a lost device says to go on from the last checkpoint', () => {
    const found = deviceFailure('tfjs:webgpu', step, undefined, new Error('A valid external Instance: Device lost'));
    expect(String(found)).toContain(
      'the device was lost. Start again from the last checkpoint. If it happens again: lower the batch',
    );
  });

  test('on a device without 16-bit floats says to compute in float32', () => {
    const cause = new Error('Program Cast requires f16 but the device does not support it.');
    expect(String(deviceFailure('ort:webgpu', step, undefined, cause))).toContain(
      'the device has no 16-bit floats. Compute in float32 (precision: float32)',
    );
  });

  test('for another reason is left as it is', () => {
    for (const error of [new GraphError('input "x" is missing'), new Error('no such kernel'), 'text']) {
      expect(deviceFailure('a:b', step, GIB, error)).toBe(error);
    }
  });
});
