// Halves under a JavaScript that has a Float16Array, as Node 24 does and Node 20 does not.
import { cast, hostTensor, hostValues, input, program } from '@espalier/core/graph';
import { expect, test, vi } from 'vitest';
import { ortBackend } from './ort-backend.js';

test('halves are held and computed where the runtime would wrap them in a Float16Array', async () => {
  // Any other array of two-byte elements: the runtime looks the name up once, before its first tensor.
  vi.stubGlobal('Float16Array', Reflect.get(globalThis, 'Float16Array') ?? Int16Array);
  const backend = ortBackend({ threads: 1 });
  const type = { shape: [2], dtype: 'float16' } as const;
  const halves = hostTensor(type, [0.5, -3]);
  const state = await backend.createState({ halves: type });
  await state.write({ halves });
  expect(Array.from(hostValues((await state.read(['halves']))['halves'] ?? halves))).toEqual([0.5, -3]);
  const doubled = program('there and back', {
    outputs: { wide: cast(input('x', [2], 'float16'), 'float32'), same: input('x', [2], 'float16') },
  });
  const executable = await backend.compile(doubled);
  const { wide, same } = await executable.run({ x: halves });
  expect([wide, same].map((tensor) => Array.from(hostValues(tensor ?? halves)))).toEqual([
    [0.5, -3],
    [0.5, -3],
  ]);
  await executable.dispose();
  await state.dispose();
});
