// What never leaves the GPU: counted at the border, over a hundred training steps.
import {
  add,
  attention,
  constant,
  crossEntropy,
  gradient,
  hostFloats,
  input,
  matmul,
  multiply,
  program,
  programToOnnx,
  reshape,
  rmsNorm,
  state,
  subtract,
  sum,
  swiGlu,
  tanh,
  transpose,
  type Tensor,
} from '@espalier/core/graph';
import { afterEach, expect, test, vi } from 'vitest';
import { gpuTarget } from './composites.js';
import { GpuExecutable } from './gpu-executable.js';
import { ortBackend } from './ort-backend.js';
import { loadRuntime, type ort as Ort } from './runtime.js';

const ort = await loadRuntime();

const backend = ortBackend({ device: 'webgpu' });
const device = (await backend.devices()).find(({ name }) => name === 'webgpu');
const here = device?.unavailable === undefined;

afterEach(() => void vi.restoreAllMocks());

/** One step of descent with momentum on a two-layer regression. */
function descent() {
  const [x, y] = [input('x', [4, 3], 'float32'), input('y', [4, 2], 'float32')];
  const weights = { a: state('a', [3, 5], 'float32'), b: state('b', [5, 2], 'float32') };
  const error = subtract(matmul(tanh(matmul(x, weights.a)), weights.b), y);
  const loss = sum(multiply(error, error));
  const slopes = gradient(loss, Object.values(weights));
  const next: Record<string, Tensor> = {};
  Object.entries(weights).forEach(([name, weight], index) => {
    const slope = slopes[index] as Tensor<'float32'>;
    const momentum = add(multiply(state(`m/${name}`, weight.shape, 'float32'), 0.9), slope);
    next[`m/${name}`] = momentum;
    next[name] = subtract(weight, multiply(momentum, 0.01));
  });
  return program('descent', { next, outputs: { loss: add(loss, constant(0, [], 'float32')) } });
}

const values = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1) / 2);

test.skipIf(!here)('a hundred steps transfer their inputs and the loss, and nothing else', async () => {
  const step = descent();
  const [executable, reference] = [await backend.compile(step), ortBackend({ device: 'cpu' })];
  const onCpu = await reference.compile(step);
  const [held, same] = [await backend.createState(step.states), await reference.createState(step.states)];
  const start = { a: hostFloats(values(15), [3, 5]), b: hostFloats(values(10), [5, 2]) };
  await Promise.all([held.write(start), same.write(start)]);
  const feeds = { x: hostFloats(values(12), [4, 3]), y: hostFloats(values(8), [4, 2]) };

  const [fed, fetched] = [new Set<string>(), new Set<string>()];
  if (!(executable instanceof GpuExecutable)) throw new Error('the executable is not one of a GPU');
  const { session } = executable;
  const run = session.run.bind(session);
  vi.spyOn(session, 'run').mockImplementation(async (given: Ort.InferenceSession.OnnxValueMapType) => {
    const found = await run(given);
    const border = (into: Set<string>, all: Ort.InferenceSession.OnnxValueMapType): void => {
      for (const [name, value] of Object.entries(all)) {
        if (value instanceof ort.Tensor) into.add(`${name} ${value.location} ${value.dims.join('x')}`);
      }
    };
    border(fed, given);
    border(fetched, found);
    return found;
  });
  const losses: number[] = [];
  const expected: number[] = [];
  for (let i = 0; i < 100; i++) {
    losses.push((await executable.run(feeds, held))['loss']?.data[0] ?? NaN);
    expected.push((await onCpu.run(feeds, same))['loss']?.data[0] ?? NaN);
  }
  const onGpu = ['m/a gpu-buffer 3x5', 'm/b gpu-buffer 5x2', 'a gpu-buffer 3x5', 'b gpu-buffer 5x2'];
  expect([...fed].sort()).toEqual(['in:x cpu 4x3', 'in:y cpu 4x2', ...onGpu.map((own) => `state:${own}`)].sort());
  expect([...fetched].sort()).toEqual(['out:loss cpu 1x1', ...onGpu.map((own) => `next:${own}`)].sort());
  expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  losses.forEach((loss, i) => expect(Math.abs(loss / (expected[i] ?? NaN) - 1)).toBeLessThan(1e-4));
  for (const made of [executable, held, onCpu, same]) await made.dispose();
});

test.skipIf(!here)('the state of one device is refused by another', async () => {
  const step = descent();
  const executable = await backend.compile(step);
  const other = await backend.createState(step.states, 'cpu');
  const feeds = { x: hostFloats(0, [4, 3]), y: hostFloats(0, [4, 2]) };
  await expect(executable.run(feeds, other)).rejects.toThrow('another backend or device');
  await executable.dispose();
});

test('providers that are not installed say how to get them', async () => {
  const devices = await ortBackend().devices();
  expect(devices[0]?.name).toBe('cpu');
  const cuda = devices.find(({ name }) => name === 'cuda');
  if (cuda?.unavailable === undefined) return; // another platform, or CUDA is there
  expect(cuda.unverified).toBe(true);
  await expect(ortBackend({ device: 'cuda' }).createState({})).rejects.toThrow('ONNXRUNTIME_NODE_INSTALL=cuda12');
  await expect(ortBackend({ device: 'cuda' }).createState({})).rejects.toThrow(/Usable now: (?!.*cuda)/);
  await expect(ortBackend({ device: 'webgup' }).createState({})).rejects.toThrow('Perhaps "webgpu" was meant');
});

test('auto is a device that passes its self-test', async () => {
  const state = await ortBackend({ device: 'auto' }).createState({ s: { shape: [2], dtype: 'float32' } });
  expect((await state.read(['s']))['s']?.data).toEqual(new Float32Array(2));
  await state.dispose();
});

test.skipIf(!here)(
  'a layer with attention, its loss and its gradients have no op that falls back to the CPU',
  async () => {
    const weight = (name: string, ...shape: readonly number[]): Tensor<'float32'> => state(name, shape, 'float32');
    const [q, k, v] = [weight('q', 2, 4, 128, 4), weight('k', 2, 2, 128, 4), weight('v', 2, 2, 128, 4)];
    const [norm, head] = [weight('norm', 16), weight('head', 24, 16)];
    const rows = reshape(transpose(attention(q, k, v, { scale: 0.5 }), [0, 2, 1, 3]), [256, 16]);
    const hidden = rmsNorm(rows, norm, { epsilon: 1e-5 });
    const logits = matmul(swiGlu(hidden, hidden), head, { transposeB: true });
    const loss = crossEntropy(logits, input('targets', [256], 'int32'), input('weights', [256], 'float32'));
    const weights = { q, k, v, norm, head };
    const slopes = gradient(loss, Object.values(weights));
    const next = Object.keys(weights).map((name, index) => [name, slopes[index] as Tensor] as const);
    const step = program('layer', { outputs: { loss }, next: Object.fromEntries(next) });
    const session = await ort.InferenceSession.create(programToOnnx(step, gpuTarget), {
      executionProviders: ['webgpu'],
      logSeverityLevel: 4,
      extra: { session: { disable_cpu_ep_fallback: '1' } }, // refuses what would fall back
    });
    await session.release();
  },
);
