// How fast this machine multiplies, from two seconds of trying, loading included: what a plan's time is estimated from.
import type { RunnerContext } from '@espalier/core';
import { hostFloats, input, matmul, program } from '@espalier/core/graph';

const SIZE = 512;
const SECONDS = 1.5;
/** A training step reaches about this share of the plain products (`npm run bench:train`). */
const SHARE = 0.6;

/** Operations per second that training can count on: products of 512 × 512 matrices, less what a training step loses. */
export async function machineRate({ backend, device }: RunnerContext): Promise<number> {
  const shape = [SIZE, SIZE];
  const product = matmul(input('a', shape, 'float32'), input('b', shape, 'float32'));
  const executable = await backend.compile(program('rate', { outputs: { product } }), device);
  try {
    const inputs = { a: hostFloats(0.5, shape), b: hostFloats(0.25, shape) };
    await executable.run(inputs);
    const began = performance.now();
    let runs = 0;
    for (; performance.now() - began < SECONDS * 1000; runs++) await executable.run(inputs);
    return (SHARE * runs * 2 * SIZE ** 3) / ((performance.now() - began) / 1000);
  } finally {
    await executable.dispose();
  }
}
