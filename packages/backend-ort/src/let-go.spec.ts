// Memory goes back when a state is disposed of, whether or not garbage is collected.
import { expect, test } from 'vitest';
import { letGo } from './let-go.js';
import { ortBackend } from './ort-backend.js';

const MIB = 2 ** 20;
const bytes = 256 * MIB;
const resident = (): number => process.memoryUsage().arrayBuffers;

test('arrays that are let go are empty, and their memory is gone', async () => {
  const before = resident();
  const array = new Float32Array(bytes / 4).fill(1);
  expect(resident() - before).toBeGreaterThan(bytes - 16 * MIB);
  await letGo([array]);
  expect(array).toHaveLength(0);
  expect(resident() - before).toBeLessThan(16 * MIB);
});

test('a state that is being disposed of is refused, and not read', async () => {
  const state = await ortBackend().createState({ large: { shape: [bytes / 4], dtype: 'float32' } }, 'cpu');
  const disposing = state.dispose();
  for (let turn = 0; turn < 8; turn++) {
    await expect(state.read(['large'])).rejects.toThrow(/was disposed/);
    await Promise.resolve();
  }
  await disposing;
});

test("a state's memory is gone once it is disposed of", async () => {
  const before = resident();
  const state = await ortBackend().createState({ large: { shape: [bytes / 4], dtype: 'float32' } }, 'cpu');
  expect(resident() - before).toBeGreaterThan(bytes - 16 * MIB);
  await state.dispose();
  expect(resident() - before).toBeLessThan(16 * MIB);
});
