// The digest of a model taken beside other work: the same as alone, and the two end together.
import { expect, test } from 'vitest';
import type { Model } from '../../model/index.js';
import { toyModel } from '../testing/toy-model.js';
import { modelHash, watchedWeights } from './model-hash.js';

/** The toy model, the reads of its weights in their order, and what each gives. */
function read(change: (name: string, values: Float32Array) => Float32Array = (_name, values) => values) {
  const [model, names]: [Model, string[]] = [toyModel(), []];
  const own: Model = {
    ...model,
    weights: {
      async read(name) {
        names.push(name);
        return change(name, await model.weights.read(name));
      },
    },
  };
  return { weights: watchedWeights(own), names };
}

const never = new AbortController().signal;
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

test('the digest beside a work is that of the model', async () => {
  const { weights } = read();
  expect(await weights.hashBeside(never, () => Promise.resolve('done'))).toEqual([await modelHash(toyModel()), 'done']);
});

test('a weight that is not finite ends the work', async () => {
  const { weights } = read((name, values) => (name === '1.in' ? values.slice().fill(NaN, 2, 3) : values));
  await expect(weights.hashBeside(never, aborted)).rejects.toThrow('element 2 of weight "1.in" is NaN');
});

test('a work that fails, or is cancelled, ends the hashing, and nothing is read any more', async () => {
  const all = read();
  await all.weights.hash();
  const failing = read();
  const failed = failing.weights.hashBeside(never, () => Promise.reject(new Error('no device')));
  await expect(failed).rejects.toThrow('no device');
  const stop = new AbortController();
  const cancelled = read((name, values) => {
    if (name === '0.k') stop.abort(new Error('stopped'));
    return values;
  });
  await expect(cancelled.weights.hashBeside(stop.signal, aborted)).rejects.toThrow('stopped');
  expect(cancelled.names).toEqual(['table', '0.q', '0.k']);
  for (const { names } of [failing, cancelled]) {
    expect(names.length).toBeLessThan(all.names.length);
    const ended = names.length;
    await new Promise(setImmediate);
    expect(names).toHaveLength(ended);
  }
});
