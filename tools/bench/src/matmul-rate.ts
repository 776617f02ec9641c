// The yardstick: how fast this machine multiplies float32 matrices of 1024³ on a backend.
import { at } from '@espalier/core';
import { hostFloats, input, matmul, program, type Backend } from '@espalier/core/graph';

const SIZE = 1024;
const RUNS = 20;

/** FLOP/s of the median of several products (both operands fed, the product left in state). */
export async function matmulRate(backend: Backend): Promise<number> {
  const [a, b] = [input('a', [SIZE, SIZE], 'float32'), input('b', [SIZE, SIZE], 'float32')];
  const rate = program('matmul-rate', { next: { product: matmul(a, b) }, outputs: {} });
  const executable = await backend.compile(rate);
  const state = await backend.createState({ product: { shape: [SIZE, SIZE], dtype: 'float32' } });
  const values = Float32Array.from({ length: SIZE * SIZE }, (_, i) => (i % 7) - 3);
  const feeds = { a: hostFloats(values, [SIZE, SIZE]), b: hostFloats(values, [SIZE, SIZE]) };
  const seconds: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await executable.run(feeds, state);
    seconds.push((performance.now() - start) / 1000);
  }
  await executable.dispose();
  await state.dispose();
  const sorted = seconds.sort((x, y) => x - y);
  return (2 * SIZE ** 3) / at(sorted, Math.floor(RUNS / 2));
}
