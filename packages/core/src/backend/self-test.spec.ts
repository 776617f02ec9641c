// Which devices pass the self-test, and which of them is taken.
import { expect, test } from 'vitest';
import { multiply } from '../graph/build.js';
import { program } from '../graph/program.js';
import { isFloatTensor } from '../graph/tensor.js';
import type { Backend } from './backend.js';
import { referenceBackend } from './reference.js';
import { fastestDevice, selfTest } from './self-test.js';

/** The reference backend under three devices: one sound, one a little wrong, one that does not start. */
function threeDevices(): Backend {
  const sound = referenceBackend();
  const absent = { reason: 'there is none', fix: 'Buy one' };
  return {
    name: 'three',
    devices: () =>
      Promise.resolve([
        { name: 'absent', description: '', unavailable: absent },
        { name: 'wrong', description: '' },
        { name: 'broken', description: '' },
        { name: 'sound', description: '' },
      ]),
    createState: (types) => sound.createState(types),
    async compile(given, device) {
      if (device === 'broken') throw new Error('no driver');
      const loss = given.outputs['loss'];
      if (device !== 'wrong' || loss === undefined || !isFloatTensor(loss)) return sound.compile(given);
      return sound.compile(program('wrong', { outputs: { loss: multiply(loss, 1.01) }, next: given.next }));
    },
  };
}

test('a device is told by its results', async () => {
  const backend = threeDevices();
  expect(await selfTest(backend, 'wrong')).toMatchObject({
    passed: false,
    problem: expect.stringMatching(/off by/) as unknown,
  });
  expect(await selfTest(backend, 'broken')).toEqual({ passed: false, problem: 'no driver' });
  const { name } = await fastestDevice(backend);
  expect(name).toBe('sound');
});
