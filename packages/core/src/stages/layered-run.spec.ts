// A program over many batches, layer by layer: the same numbers, and no more than one layer's weights at a time.
import { describe, expect, test } from 'vitest';
import { gradient } from '../autodiff/index.js';
import { expectClose } from '../close.js';
import {
  hostFloats,
  hostIntegers,
  hostValues,
  referenceBackend,
  type Backend,
  type HostTensors,
} from '../backend/index.js';
import {
  add,
  cutProgram,
  elementCount,
  input,
  matmul,
  multiply,
  program,
  programHash,
  state,
  sum,
  type Program,
  type Tensor,
} from '../graph/index.js';
import { present } from '../look-up.js';
import { toyModel } from './testing/toy-model.js';
import { createRunner, runnerWeights } from '../model/index.js';
import type { AllRunsOptions } from '../model/layered-run.js';
import type { Tap } from '../model/index.js';

const [batch, length] = [2, 3];
const model = toyModel();

/** Logits, a value of every layer that the next one's is held against, and a sum over all batches. */
function observing(): Program {
  const blocks: Parameters<Tap>[1][] = [];
  const logits = model.family.forward(model.architecture, {
    ids: input('ids', [batch, length], 'int32'),
    weight: runnerWeights(model),
    tap(name, value) {
      if (name === 'blockOutput') blocks.push(value);
      return value;
    },
  });
  const scale = input('scale', [], 'float32');
  const total = blocks.map((own, index) => multiply(sum(multiply(own, blocks[index - 1] ?? own)), scale));
  return program('observing', {
    outputs: { logits, first: multiply(present(blocks[0], 'a block'), scale) },
    next: Object.fromEntries(
      total.map((own, index) => [`seen/${index}`, add(state(`seen/${index}`, own.shape, 'float32'), own)]),
    ),
  });
}

const batches: readonly HostTensors[] = [0, 1, 2].map((shift) => ({
  ids: hostIntegers(
    Array.from({ length: batch * length }, (_, index) => (index * 3 + shift) % model.architecture.sizes.vocab),
    [batch, length],
  ),
  scale: hostFloats(1 + shift, []),
}));

/** The reference backend, and the most weights that any of its states held. */
function counting(): { readonly backend: Backend; most(): number } {
  const backend = referenceBackend();
  let most = 0;
  return {
    backend: {
      ...backend,
      createState: (types, device) => {
        const weights = Object.values(types).filter(({ shape }) => elementCount(shape) > 1);
        most = Math.max(most, weights.length);
        return backend.createState(types, device);
      },
    },
    most: () => most,
  };
}

async function runAll(layered: boolean, backend: Backend = referenceBackend(), options: AllRunsOptions = {}) {
  const whole = observing();
  const runner = await createRunner(model, { backend, layered }, seen(whole));
  const found = await runner.runAll(whole, batches, options);
  await runner.dispose();
  return found;
}

const seen = ({ states }: Program) =>
  Object.fromEntries(Object.entries(states).filter(([name]) => name.startsWith('seen/')));

test.each([
  ['all batches', {}],
  ['one batch after the other, for want of memory to carry more,', { carried: 1 }],
  ['batches in groups of two', { carried: 2 * 4 * batch * length * (model.architecture.sizes.hidden + 1) + 8 }],
])('%s layer by layer give what run after run gives, outputs and accumulated states', async (_title, options) => {
  const [whole, layered] = [await runAll(false), await runAll(true, referenceBackend(), options)];
  // The reference evaluator computes in float64 and rounds what leaves a program.
  const pairs = [
    [layered.states, whole.states] as const,
    ...whole.outputs.map((own, index) => [layered.outputs[index] ?? {}, own] as const),
  ];
  for (const [found, expected] of pairs) {
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, own] of Object.entries(expected)) {
      expectClose(hostValues(present(found[name], name)), hostValues(own), 1e-6, name);
    }
  }
  expect(Object.keys(whole.states)).toEqual(['seen/0', 'seen/1', 'seen/2']);
});

test('no more than the weights of one layer are on the device at a time', async () => {
  const { backend, most } = counting();
  await runAll(true, backend);
  expect(most()).toBe(2); // a layer's `in` and `out`
});

test('progress grows to 1, and an abort ends it between two runs', async () => {
  const shares: number[] = [];
  const runner = await createRunner(model, { backend: referenceBackend(), layered: true });
  const abort = new AbortController();
  await runner.runAll(observing(), batches, { progress: (share) => shares.push(share) });
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBeCloseTo(1);
  const aborted = runner.runAll(observing(), batches, { signal: abort.signal, progress: () => abort.abort() });
  await expect(aborted).rejects.toThrow('abort');
  await runner.dispose();
});

describe('the parts of a program', () => {
  const placeOf = (name: string) => {
    const layer = /^model\/(\d)\./.exec(name)?.[1];
    return layer === undefined ? (name.startsWith('model/') ? ('outside' as const) : undefined) : Number(layer);
  };

  test('are one before the layers, one for each layer, one after them; layers that compute alike are equal programs', () => {
    const logits = model.family.forward(model.architecture, {
      ids: input('ids', [batch, length], 'int32'),
      weight: runnerWeights(model),
    });
    const parts = cutProgram(program('logits', { outputs: { logits } }), placeOf);
    expect(parts.map(({ states }) => [...states.values()])).toEqual([
      ['model/table'],
      ['model/0.in', 'model/0.out'],
      ['model/1.in', 'model/1.out'],
      ['model/2.in', 'model/2.out'],
      ['model/table'],
    ]);
    const [, ...hashes] = parts.map((part) => programHash(part.program));
    expect(new Set(hashes.slice(0, 3)).size).toBe(1);
    expect(parts.flatMap((part) => [...part.outputs.values()])).toEqual(['logits']);
  });

  test('do not part a sum whose state is read within one layer and replaced within another', () => {
    const [x, a, b] = [
      input('x', [2, 2], 'float32'),
      state('model/0.a', [2, 2], 'float32'),
      state('model/1.b', [2, 2], 'float32'),
    ];
    const [first, total] = [matmul(x, a), state('total', [2, 2], 'float32')];
    const cut = (next: Tensor<'float32'>) => () => cutProgram(program('sums', { next: { total: next } }), placeOf);
    expect(cut(add(add(total, first), matmul(first, b)))).toThrow(
      'state "total" is read in 2 layers and replaced in one',
    );
    expect(cut(add(add(first, matmul(first, b)), total))).not.toThrow();
  });

  test('leave a backward pass in one piece, and are right all the same', async () => {
    const [x, a, b] = [
      input('x', [2, 2], 'float32'),
      state('model/0.a', [2, 2], 'float32'),
      state('model/1.b', [2, 2], 'float32'),
    ];
    const loss = sum(matmul(matmul(x, a), b));
    const whole = program('slopes', { outputs: { slope: present(gradient(loss, [a])[0], 'a slope') } });
    const parts = cutProgram(whole, placeOf);
    expect(parts).toHaveLength(1);
    const part = present(parts[0], 'the part');
    expect(new Set(part.states.values())).toEqual(new Set(Object.keys(whole.states)));
    // The loss is Σ x·a·b: its slope by a is the column sums of x times the row sums of b, whatever a is.
    const backend = referenceBackend();
    const held = await backend.createState(part.program.states);
    for (const [short, name] of part.states)
      await held.write({ [short]: hostFloats(name === 'model/1.b' ? [1, 2, 3, 4] : [9, 9, 9, 9], [2, 2]) });
    const executable = await backend.compile(part.program);
    const fed = Object.fromEntries(
      Array.from(part.inputs.keys(), (short) => [short, hostFloats([1, 2, 3, 5], [2, 2])]),
    );
    const results = await executable.run(fed, held);
    const [short] = part.outputs.keys();
    expect(Array.from(hostValues(present(results[short ?? ''], 'the slope')))).toEqual([12, 28, 21, 49]);
  });
});
