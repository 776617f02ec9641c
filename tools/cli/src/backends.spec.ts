// One program, any backend: twenty distillation steps have the losses of the float64 reference evaluator on every pair of backend
// and device that is here, and a whole `compress` runs on another one by one flag.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import { tfjsBackend } from '@espalier/backend-tfjs';
import {
  applyPlan,
  padRows,
  random,
  referenceBackend,
  trainModel,
  type Backend,
  type Model,
  type Precision,
  type TrainOptions,
} from '@espalier/core';
import { fixtureModel, trainingCurve, worstRatio } from '@espalier/core/testing';
import { adamw, cosine, forwardKlLoss, llama } from '@espalier/plugins';
import { expect, test } from 'vitest';
import { createBench, runCaptured } from './testing/cli-run.js';

interface Golden {
  /** [steps][4][17] */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly distillation: {
    readonly keep: { readonly hidden: number[]; readonly ffn: number[]; readonly heads: number[] };
  };
}

const fixtures = new URL('../../../packages/core/src/testing/fixtures/', import.meta.url);
const golden = JSON.parse(await readFile(new URL('adamw-steps/golden.json', fixtures), 'utf8')) as Golden;
const teacher = await fixtureModel(fileURLToPath(new URL('tiny-llama', fixtures)), llama);

/** Twenty steps of distillation into half the width. */
function distillation(precision: Precision): { readonly student: Model; readonly options: TrainOptions } {
  const { hidden, ffn, heads } = golden.distillation.keep;
  const layers = [0, 1, 2];
  const each = <T>(kept: T): T[] => layers.map(() => kept);
  const student = applyPlan(teacher, { layers, hidden, ffn: each(ffn), heads: each(heads), kvHeads: each([0, 1]) });
  const options: TrainOptions = {
    losses: [{ term: forwardKlLoss(), weight: 1 }],
    optimizer: adamw(),
    schedule: cosine({ peak: 1e-3, warmup: 5 }),
    data: golden.ids.slice(0, 20).map((rows) => padRows(rows, { batch: 4, length: 16 })),
    batch: 4,
    length: 16,
    tokens: 20 * 4 * 16,
    precision,
  };
  return { student, options };
}

/** Losses of them. */
async function losses(backend: Backend, precision: Precision = 'float32'): Promise<readonly number[]> {
  const { student, options } = distillation(precision);
  return (await trainingCurve(student, teacher, options, { backend, random: random(1) })).losses;
}

/** The same backend, and how many of its states and executables are in use. */
function counted(backend: Backend): { readonly backend: Backend; live(): number } {
  let live = 0;
  const count = <Made extends { dispose(): Promise<void> }>(made: Made): Made => {
    live += 1;
    let gone = false;
    const dispose = made.dispose.bind(made);
    made.dispose = async () => {
      if (!gone) live -= 1;
      gone = true;
      await dispose();
    };
    return made;
  };
  return {
    live: () => live,
    backend: {
      name: backend.name,
      devices: () => backend.devices(),
      createState: async (types, device) => count(await backend.createState(types, device)),
      compile: async (program, device) => count(await backend.compile(program, device)),
    },
  };
}

const expected = await losses(referenceBackend());
const pairs: readonly (readonly [pair: string, backend: Backend])[] = [
  ...(['cpu', 'webgpu', 'cuda'] as const).map((device) => [`ort:${device}`, ortBackend({ device })] as const),
  ...(['wasm', 'cpu', 'webgpu', 'node', 'node-gpu'] as const).map(
    (device) => [`tfjs:${device}`, tfjsBackend({ device })] as const,
  ),
];

const minutes = 'on a software GPU only with ESPALIER_GPU_STEPS=1, it takes minutes';

for (const [pair, backend] of pairs) {
  const device = (await backend.devices()).find(({ name }) => pair.endsWith(`:${name}`));
  const software = process.env['ESPALIER_SOFTWARE_GPU'] !== undefined;
  const slow = pair.endsWith(':webgpu') && software && process.env['ESPALIER_GPU_STEPS'] === undefined;
  const inCi = process.env['CI'] !== undefined;
  const absent = device === undefined ? 'not on this platform' : device.unavailable?.reason;
  const reason = absent ?? (slow && !inCi ? minutes : undefined);
  const halves = pair === 'ort:webgpu' && software ? 'SwiftShader has no 16-bit floats' : slow ? minutes : undefined;
  if (reason !== undefined) test.skip(`${pair}: ${reason}`, () => undefined);
  else {
    test(`${pair} has the reference evaluator's loss at each of 20 distillation steps`, async () => {
      expect(worstRatio(await losses(backend), expected)).toBeLessThan(1e-4);
    }, 300_000); // a software GPU beside other work
    test(`${pair} stops between two steps when asked to, lets everything go, and works on`, async () => {
      const { student, options } = distillation('float32');
      const own = counted(backend);
      const seen: number[] = [];
      const abort = new AbortController();
      const cancelled = trainModel(
        student,
        teacher,
        options,
        { backend: own.backend, random: random(1) },
        {
          signal: abort.signal,
          report(event) {
            if (event.type === 'metric' && event.name === 'loss') seen.push(event.value);
            if (seen.length === 3) abort.abort();
          },
        },
      );
      await expect(cancelled).rejects.toThrow(/abort/);
      expect(seen).toHaveLength(3);
      expect(own.live()).toBe(0);
      const few = { ...options, tokens: 3 * 4 * 16 };
      const again = await trainingCurve(student, teacher, few, { backend, random: random(1) });
      expect(worstRatio(again.losses.slice(0, 1), seen.slice(0, 1))).toBeLessThan(1e-5);
    }, 300_000);
    if (halves !== undefined) test.skip(`${pair} in float16: ${halves}`, () => undefined);
    else {
      test(`${pair} is within a hundredth of it with products in float16`, async () => {
        const half = await losses(backend, 'float16');
        expect(worstRatio(half, expected)).toBeLessThan(1e-2);
        expect(worstRatio(half, expected)).toBeGreaterThan(1e-6); // float16 it was
      }, 300_000);
    }
  }
}

test('compress runs whole on tfjs:wasm, and writes a model that reads back as it was', async () => {
  const bench = await createBench();
  try {
    const { code, stderr } = await bench.compress({ tokens: '640', samples: '4', backend: 'tfjs:wasm' }, [
      '--no-compare',
    ]);
    expect(code, stderr).toBe(0);
  } finally {
    await bench.remove();
  }
});

test.each([
  ['tjfs', 'Perhaps "tfjs" was meant'],
  ['tfjs:wsam', 'Perhaps "wasm" was meant'],
  ['ort:gpu', 'this backend has cpu'],
  ['tfjs:node-gpu', '@tensorflow/tfjs-node-gpu'],
])('--backend %s is refused with what there is', async (backend, message) => {
  const { code, stderr } = await runCaptured('demo', '--backend', backend);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test('devices lists every device, with what absent ones need', async () => {
  const { code, stdout } = await runCaptured('devices');
  expect(code).toBe(0);
  for (const pair of ['ort:cpu', 'tfjs:wasm', 'tfjs:node-gpu']) expect(stdout).toContain(`| ${pair} |`);
  expect(stdout).toContain(
    'tfjs:node-gpu: the package @tensorflow/tfjs-node-gpu is not installed. Install it with npm install',
  );
  const listed: unknown = JSON.parse((await runCaptured('devices', '--json')).stdout);
  expect(listed).toContainEqual(expect.objectContaining({ backend: 'ort', name: 'cpu' }));
});
