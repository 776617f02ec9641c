// What the conformance suite cannot see from outside: tensors that stay behind, devices side by side, programs too large.
import { InputError } from '@espalier/core';
import {
  add,
  constant,
  cos,
  gather,
  hostFloats,
  hostIntegers,
  input,
  matmul,
  multiply,
  program,
  state,
  sum,
} from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { tfjsBackend } from './tfjs-backend.js';

const x = input('x', [2, 2], 'float32');
const held = state('s', [2, 2], 'float32');
const step = program('step', {
  next: { s: add(held, matmul(x, cos(constant([1, 2, 3, 4], [2, 2], 'float32')))), same: state('same', [], 'float32') },
  outputs: { loss: sum(multiply(held, x)), x },
});
const feeds = { x: hostFloats([1, 2, 3, 4], [2, 2]) };

const addon = (await tfjsBackend().devices()).filter(
  ({ name, unavailable }) => name === 'node' && unavailable === undefined,
);

describe.each(['wasm', 'cpu', ...addon.map(({ name }) => name)])('on %s', (device) => {
  const backend = tfjsBackend({ device });

  test('a thousand runs leave no tensor behind, and disposal leaves none at all', async () => {
    const executable = await backend.compile(step);
    const before = tf.memory().numTensors;
    const kept = await backend.createState(step.states);
    await executable.run(feeds, kept);
    const { numTensors, numDataBuffers } = tf.memory();
    for (let run = 0; run < 1000; run++) await executable.run(feeds, kept);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    await kept.dispose();
    await executable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a run that fails leaves no tensor behind', async () => {
    const at = input('at', [1], 'int32');
    const executable = await backend.compile(program('look', { outputs: { y: gather(multiply(x, 2), at) } }));
    const wrong = { ...feeds, at: hostIntegers(9, [1]) };
    await executable.run({ ...feeds, at: hostIntegers(1, [1]) });
    const before = tf.memory().numTensors;
    await expect(executable.run(wrong)).rejects.toThrow('9');
    expect(tf.memory().numTensors).toBe(before);
    await executable.dispose();
  });

  test('a program that cannot fit is refused before anything is allocated, with what to lower and to what', async () => {
    const wide = input('ids', [64, 1 << 30], 'float32');
    const huge = program('huge', { outputs: { y: sum(multiply(wide, wide)) } });
    const before = tf.memory().numBytes;
    const refused = backend.compile(huge);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(
      /"huge" on tfjs:\w+: it needs about 512\.0 GiB at once .* Lower the (batch|length) from \d+ to \d+/,
    );
    expect(tf.memory().numBytes).toBe(before);
  });
});

test('two devices take turns in one process', async () => {
  const [wasm, cpu] = [tfjsBackend({ device: 'wasm' }), tfjsBackend({ device: 'cpu' })];
  const [first, second] = await Promise.all([wasm.compile(step), cpu.compile(step)]);
  const [one, other] = await Promise.all([wasm.createState(step.states), cpu.createState(step.states)]);
  for (let run = 0; run < 3; run++) await Promise.all([first.run(feeds, one), second.run(feeds, other)]);
  const [a, b] = await Promise.all([one.read(['s']), other.read(['s'])]);
  expect(Array.from(a['s']?.data ?? [])).toEqual(
    Array.from(b['s']?.data ?? []).map((own) => expect.closeTo(own, 4) as unknown),
  );
  await expect(first.run(feeds, other)).rejects.toThrow('another backend or device');
  await Promise.all([first, second, one, other].map((own) => own.dispose()));
});

describe('a device', () => {
  test('is the one asked for, or an error that says why not and how to get it', async () => {
    const devices = await tfjsBackend().devices();
    expect(devices.map(({ name }) => name)).toEqual(['wasm', 'webgpu', 'node', 'node-gpu', 'cpu']);
    const absent = devices.filter(({ unavailable }) => unavailable !== undefined);
    for (const { name, unavailable } of absent) {
      const refused = tfjsBackend({ device: name }).compile(step);
      await expect(refused).rejects.toThrow(`run on device "${name}" of backend "tfjs": ${unavailable?.reason ?? ''}`);
      await expect(refused).rejects.toThrow(unavailable?.fix ?? '');
    }
    expect(devices.filter(({ unverified }) => unverified === true).map(({ name }) => name)).toEqual(['node-gpu']);
  });

  test('with a slip of the pen in its name is guessed at', async () => {
    await expect(tfjsBackend({ device: 'wsam' }).compile(step)).rejects.toThrow('Perhaps "wasm" was meant');
  });
});
