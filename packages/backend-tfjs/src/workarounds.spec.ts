// Each fault of a kernel that is worked round: that it is (still) there, and that our rule does not have it. A first half that
// fails after an update of TensorFlow.js says that the workaround may go. The conformance suite checks the rules themselves.
import {
  argMax,
  cast,
  constant,
  gather,
  input,
  negate,
  program,
  scatterAdd,
  sign,
  softmax,
  where,
  type Tensor,
} from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { tfjsBackend } from './tfjs-backend.js';

/** What a backend's device makes of a graph without inputs. */
async function run(device: string, y: Tensor): Promise<number[]> {
  const executable = await tfjsBackend({ device }).compile(program('check', { outputs: { y } }));
  const found = await executable.run({});
  await executable.dispose();
  return Array.from(found['y']?.data ?? []);
}

/** What TensorFlow.js itself makes of it. */
function plain(compute: () => tf.Tensor): number[] {
  return Array.from(tf.tidy(() => compute().dataSync()));
}

describe('wasm', () => {
  beforeAll(async () => {
    await run('wasm', constant(1, [], 'float32')); // makes it the active device
  });

  test('has no kernel that sums segments', async () => {
    const rows = (): tf.Tensor2D => tf.tensor2d([1, 2], [2, 1]);
    expect(() => plain(() => tf.unsortedSegmentSum(rows(), tf.tensor1d([0, 0], 'int32'), 1))).toThrow('not registered');
    const at = constant([0, 0], [2], 'int32');
    expect(await run('wasm', scatterAdd(at, constant([1, 2], [2, 1], 'float32'), 1))).toEqual([3]);
  });

  test('casts to bool by cutting off bits', async () => {
    expect(plain(() => tf.cast(tf.tensor1d([300, 0.5]), 'bool'))).not.toEqual([1, 1]);
    expect(await run('wasm', cast(constant([300, 0.5, 0, -1], [4], 'float32'), 'bool'))).toEqual([1, 1, 0, 1]);
  });

  test('negates integers in float32', async () => {
    expect(plain(() => tf.neg(tf.tensor1d([2147483647], 'int32')))).not.toEqual([-2147483647]);
    expect(await run('wasm', negate(constant([2147483647], [1], 'int32')))).toEqual([-2147483647]);
  });

  test('takes small numbers for 0 in their sign', async () => {
    expect(plain(() => tf.sign(tf.tensor1d([-1e-30, 1e-30])))).not.toEqual([-1, 1]);
    expect(await run('wasm', sign(constant([-1e-30, 0, 1e-30], [3], 'float32')))).toEqual([-1, 0, 1]);
  });

  // The fault itself is not shown: it writes past the end of its result.
  test('selects booleans as if they had four bytes', async () => {
    const condition = cast(constant([1, 0, 1, 0, 1], [5], 'int32'), 'bool');
    const [a, b] = [constant([1, 1, 0, 0, 1], [5], 'bool'), constant([0, 1, 1, 1, 0], [5], 'bool')];
    expect(await run('wasm', where(condition, a, b))).toEqual([1, 1, 0, 1, 1]);
  });
});

describe('cpu', () => {
  beforeAll(async () => {
    await run('cpu', constant(1, [], 'float32'));
  });

  test('overwrites the tensor it scatters into, which no rule does', async () => {
    const into = tf.tensor1d([1, 2]);
    tf.tensorScatterUpdate(into, tf.tensor2d([[0]], [1, 1], 'int32'), tf.tensor1d([9])).dispose();
    expect(Array.from(into.dataSync())).toEqual([9, 2]);
    into.dispose();
    const rows = input('rows', [2], 'float32');
    const executable = await tfjsBackend({ device: 'cpu' }).compile(
      program('check', { outputs: { sum: scatterAdd(constant([0, 0], [2], 'int32'), rows, 2), rows } }),
    );
    const found = await executable.run({ rows: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
    expect([found['sum'], found['rows']].map((own) => Array.from(own?.data ?? []))).toEqual([
      [3, 0],
      [1, 2],
    ]);
    await executable.dispose();
  });
});

test.each(['wasm', 'cpu'])('%s normalises along the last axis only, which ours need not', async (device) => {
  await run(device, constant(1, [], 'float32'));
  expect(() => plain(() => tf.softmax(tf.tensor2d([1, 2, 3, 4], [2, 2]), 0))).toThrow('along a non-last dimension');
  const found = await run(device, softmax(constant([1, 2, 1, 2], [2, 2], 'float32'), 0));
  expect(found).toEqual([0.5, 0.5, 0.5, 0.5]);
});

test.each(['wasm', 'cpu'])('%s refuses an index that no row has', async (device) => {
  const table = constant([1, 2, 3], [3], 'float32');
  const [wrong, right] = [constant([7], [1], 'int32'), argMax(table, 0)];
  await expect(run(device, gather(table, wrong))).rejects.toThrow('7');
  await expect(run(device, scatterAdd(wrong, constant([1], [1], 'float32'), 3))).rejects.toThrow(
    'index 7 is outside 0…2',
  );
  expect(await run(device, gather(table, right))).toEqual([3]);
});
