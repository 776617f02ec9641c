// Checks of what is refused, and with which words.
import { constant, hostFloats, hostIntegers, hostTensor, input, state, type HostTensors } from '@espalier/core/graph';
import { check, type CheckGroup } from './bench.js';
import { equalNumbers, rejects } from './expectations.js';

const x = input('x', [3], 'float32');

/** Checks of errors. */
export const refusals: CheckGroup = {
  title: 'refusals',
  checks: [
    check('name a missing input and the type it must have', async (bench) => {
      const executable = await bench.make({ outputs: { x } }, 'step');
      await rejects(() => executable.run({}), /input "x"/, /"step"/, /missing/, /float32\[3\]/);
    }),
    check('name an input of a wrong shape, dtype or length, what it is and must be', async (bench) => {
      const executable = await bench.make({ outputs: { x } }, 'step');
      const run = (tensor: HostTensors[string]) => () => executable.run({ x: tensor });
      await rejects(run(hostFloats(0, [2])), /input "x"/, /float32\[2\]/, /float32\[3\]/);
      await rejects(run(hostFloats(0, [3, 1])), /float32\[3, 1\]/, /float32\[3\]/);
      await rejects(run(hostIntegers(0, [3])), /int32\[3\]/, /float32\[3\]/);
      await rejects(run({ dtype: 'float32', shape: [3], data: new Float32Array(2) }), /input "x"/, /2 values/);
    }),
    check('name a state that a run lacks or that has another type', async (bench) => {
      const executable = await bench.make({ outputs: { s: state('s', [2], 'float32') } }, 'step');
      const none = await bench.state({});
      const wrong = await bench.state({ s: { shape: [2], dtype: 'int32' } });
      await rejects(() => executable.run({}), /state "s"/, /"step"/, /missing/, /float32\[2\]/);
      await rejects(() => executable.run({}, none), /state "s"/, /missing/);
      await rejects(() => executable.run({}, wrong), /state "s"/, /int32\[2\]/, /float32\[2\]/);
      const writer = await bench.make({ next: { s: constant(1, [2], 'float32') } }, 'writer');
      await rejects(() => writer.run({}, none), /state "s"/, /missing/);
      await rejects(() => writer.run({}, wrong), /state "s"/, /int32\[2\]/);
    }),
    check('name a state that is not held, and those that are', async (bench) => {
      const held = await bench.state({ s: { shape: [2], dtype: 'float32' }, t: { shape: [], dtype: 'int32' } });
      await rejects(() => held.read(['s', 'r']), /"r"/, /\bs\b/, /\bt\b/);
      await rejects(() => held.write({ r: hostFloats(0, [2]) }), /"r"/, /\bs\b/, /\bt\b/);
    }),
    check('write all of the state or nothing', async (bench) => {
      const held = await bench.state({ s: { shape: [2], dtype: 'float32' }, t: { shape: [], dtype: 'int32' } });
      const s = hostFloats(1, [2]);
      await rejects(() => held.write({ s, t: hostFloats(0, []) }), /state "t"/, /float32\[\]/, /int32\[\]/);
      await rejects(() => held.write({ s, t: hostTensor({ shape: [1], dtype: 'int32' }, [1]) }), /int32\[1\]/);
      await rejects(() => held.write({ s, r: s }), /"r"/);
      equalNumbers((await held.read(['s']))['s'], [0, 0], 'state after refused writes');
    }),
  ],
};
