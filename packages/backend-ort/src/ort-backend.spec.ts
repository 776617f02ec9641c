// What the conformance suite cannot see from outside: which sessions are made, and what goes into the models.
import { InputError } from '@espalier/core';
import {
  applyComposite,
  cast,
  constant,
  crossEntropy,
  divide,
  hostFloats,
  input,
  isFloatTensor,
  matmul,
  multiply,
  program,
  sigmoid,
  silu,
  sum,
  type CompositeDefinition,
  type CompositeLowering,
  type Tensor,
} from '@espalier/core/graph';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ortBackend } from './ort-backend.js';
import { loadLibrary } from './runtime.js';
import { runThread, type ThreadFunction } from './c-api/run-thread.js';

const x = input('x', [2], 'float32');
const doubled = () => program('doubled', { outputs: { y: multiply(x, 2) } });

async function run(outputs: Parameters<typeof program>[1]['outputs']): Promise<number[]> {
  const executable = await ortBackend({ threads: 1 }).compile(program('check', { ...(outputs && { outputs }) }));
  const { y } = await executable.run({ x: hostFloats([1, 2], [2]) });
  await executable.dispose();
  return Array.from(y?.data ?? []);
}

test('a composite that only shares its name with a built-in one is computed by its own body', async () => {
  const silu: CompositeDefinition = {
    name: 'silu',
    body: ([own = x]) => (isFloatTensor(own) ? multiply(own, 3) : own),
  };
  expect(await run({ y: applyComposite(silu, [x], undefined) })).toEqual([3, 6]);
});

describe('a composite that brings a kernel', () => {
  /** x · sigmoid(1.702 x), which ONNX Runtime has a kernel for. */
  const quick = (kernels: CompositeDefinition['kernels'], name = 'quick-gelu'): CompositeDefinition => ({
    name,
    body: ([own = x]) => (isFloatTensor(own) ? multiply(own, sigmoid(multiply(own, 1.702))) : own),
    ...(kernels && { kernels }),
  });
  const lower: CompositeLowering['lower'] = (_node, operands, emit) =>
    emit.node('QuickGelu', operands, { alpha: { float: 1.702 } }, { domain: 'com.microsoft' });
  const apply = (definition: CompositeDefinition) => applyComposite(definition, [x], undefined);

  test('is computed by it, with the numbers of its body', async () => {
    const counted = vi.fn(lower);
    const found = await run({ y: apply(quick({ ort: { accepts: () => true, lower: counted } })) });
    expect(counted).toHaveBeenCalledTimes(1);
    const expected = await run({ y: apply(quick(undefined)) });
    expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
    expect(found[1]).toBeCloseTo(2 / (1 + Math.exp(-3.404)), 6);
  });

  test('is computed by its body where the kernel does not accept it, and where the kernel is for another backend', async () => {
    const refusing = vi.fn(lower);
    const expected = await run({ y: apply(quick(undefined)) });
    expect(await run({ y: apply(quick({ ort: { accepts: () => false, lower: refusing }, mine: 7 })) })).toEqual(
      expected,
    );
    expect(refusing).not.toHaveBeenCalled();
  });

  test('takes nothing from a built-in one of the same name', async () => {
    const negative: CompositeLowering = {
      accepts: () => true,
      lower: (_n, operands, emit) => emit.node('Neg', operands),
    };
    const impostor = quick({ ort: negative }, 'silu');
    const both = await run({ y: multiply(silu(x), apply(impostor) as typeof x) });
    const value = (own: number) => -(own ** 2) / (1 + Math.exp(-own));
    [1, 2].forEach((own, i) => expect(both[i]).toBeCloseTo(value(own), 5));
  });

  test('that is no lowering is refused by name', async () => {
    await expect(run({ y: apply(quick({ ort: { lower } })) })).rejects.toThrow(
      'run composite "quick-gelu" on backend "ort": its kernels.ort is no lowering. Give it the functions accepts and lower',
    );
  });
});

test('0 and −0 are two constants', async () => {
  const zero = (value: number) => constant([value, value], [2], 'float32');
  const y = multiply(divide(x, multiply(x, zero(0))), divide(x, multiply(x, zero(-0)))); // ∞ · −∞
  expect(await run({ y })).toEqual([-Infinity, -Infinity]);
});

test('a loss in float16 of which every row is masked is 0, as in float32', async () => {
  const logits = cast(constant([1, 2, 3, 4], [2, 2], 'float32'), 'float16');
  const targets = cast(multiply(x, 0), 'int32');
  const y = crossEntropy(logits, targets, cast(multiply(x, 0), 'float16'));
  expect((await run({ y: cast(y, 'float32') })).map(Math.abs)).toEqual([0]);
});

describe('sessions', () => {
  afterEach(() => void vi.restoreAllMocks());

  function countSessions(): () => number {
    const call = vi.spyOn(runThread(), 'call');
    const name: ThreadFunction = 'CreateSessionFromArray';
    return () => call.mock.calls.filter(([called]) => called === name).length;
  }

  test('are made once for equal programs, and anew after the last user is gone', async () => {
    const created = countSessions();
    const backend = ortBackend({ threads: 1 });
    const [first, second] = await Promise.all([backend.compile(doubled()), backend.compile(doubled())]);
    expect(created()).toBe(1);
    await first.dispose();
    const third = await backend.compile(doubled());
    expect(created()).toBe(1);
    await Promise.all([second.dispose(), third.dispose()]);
    await (await backend.compile(doubled())).dispose();
    expect(created()).toBe(2);
  });

  test('that fail are tried again, and a late failure forgets no newer session', async () => {
    let fail: (error: Error) => void = () => undefined;
    const created = countSessions();
    vi.mocked(runThread().call).mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
    const backend = ortBackend({ threads: 1 });
    const retried = backend.compile(doubled()).catch(() => backend.compile(doubled()));
    await vi.waitFor(() => expect(created()).toBe(1));
    const late = backend.compile(doubled());
    await new Promise((resolve) => setImmediate(resolve)); // by now it waits for the session that will fail
    fail(new Error('no memory'));
    await expect(late).rejects.toThrow('no memory');
    const executable = await retried;
    const other = await backend.compile(doubled());
    expect(created()).toBe(2);
    await Promise.all([executable.dispose(), other.dispose()]);
  });
});

test('the event loop lives while a program runs', async () => {
  const size = 1200;
  const weight = input('w', [size, size], 'float32');
  const y = Array.from({ length: 12 }).reduce<Tensor<'float32'>>((own) => matmul(own, weight), weight);
  const executable = await ortBackend({ threads: 1 }).compile(program('long', { outputs: { y: sum(y) } }));
  const before = performance.now();
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  await executable.run({ w: hostFloats(1e-3, [size, size]) });
  clearInterval(timer);
  // Half of the turns that an idle loop would make: far more than the one or two of a loop that waits for the run.
  expect(turns).toBeGreaterThan((performance.now() - before) / 10);
  await executable.dispose();
});

test('what a run reads and writes lives until it ends, though nobody else holds it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = z.custom<() => void>((own) => typeof own === 'function').parse(runInNewContext('gc'));
  const size = 700;
  const weight = input('w', [size, size], 'float32');
  const y = Array.from({ length: 6 }).reduce<Tensor<'float32'>>((own) => matmul(own, weight), weight);
  const executable = await ortBackend({ threads: 1 }).compile(program('long', { outputs: { y: sum(y), z: weight } }));
  const once = () => executable.run({ w: hostFloats(1e-3, [size, size]) });
  const undisturbed = await once();
  const running = once();
  const state = { ended: false };
  void running.then(() => (state.ended = true));
  const garbage: Float32Array[] = [];
  while (!state.ended) {
    collect();
    garbage.push(new Float32Array(size * size).fill(7)); // takes the place of what was freed
    if (garbage.length > 8) garbage.length = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await running).toEqual(undisturbed);
  await executable.dispose();
});

describe('a library that cannot be used is refused', () => {
  const open = (path: string) => {
    vi.stubEnv('ESPALIER_ORT_LIBRARY', path);
    return ortBackend({ threads: 1 }).devices();
  };
  afterEach(() => vi.unstubAllEnvs());

  test('when it is not there, or is something else', async () => {
    await expect(open('no/such/library.so')).rejects.toThrow('use the ONNX Runtime library no/such/library.so: ');
    await expect(open(fileURLToPath(import.meta.url))).rejects.toThrow(InputError);
  });
});

test('the version that a run writes down is that of the library in use, also of one that is named', () => {
  const { library } = loadLibrary();
  expect(Object.values(ortBackend().versions?.() ?? {})).toEqual([library.version]);
  vi.stubEnv('ESPALIER_ORT_LIBRARY', library.path);
  expect(ortBackend().versions?.()).toEqual({ onnxruntime: library.version });
  vi.unstubAllEnvs();
});

test('a library is named by the environment and by no option: loading one runs its code, and a recipe is data', () => {
  expect(() => ortBackend({ ...z.object({}).loose().parse({ libraryPath: './weights.so' }) })).toThrow(/libraryPath/);
});
