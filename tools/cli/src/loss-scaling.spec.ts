// Training in float16: dynamic loss scaling skips what overflows, and counts, grows and resumes as it should. On tfjs:wasm, which
// rounds every float16 result; ONNX Runtime's CPU kernels leave some roundings out. That its losses are the reference's: backends.spec.ts.
import { fileURLToPath } from 'node:url';
import { tfjsBackend } from '@espalier/backend-tfjs';
import {
  DivergedError,
  memoryWeights,
  padRows,
  random,
  trainModel,
  weightSpecs,
  type Model,
  type StageReport,
  type Trained,
  type TrainingCheckpoint,
  type TrainOptions,
} from '@espalier/core';
import type { HostTensor } from '@espalier/core/graph';
import { fixtureModel, worstRatio } from '@espalier/testing';
import { adamw, crossEntropyLoss, llama } from '@espalier/plugins';
import { expect, test } from 'vitest';

const model = await fixtureModel(
  fileURLToPath(new URL('../../../packages/core/src/testing/fixtures/tiny-llama', import.meta.url)),
  llama(),
);
const context = { backend: tfjsBackend({ device: 'wasm' }), random: random(3) };

const rows = [0, 1].map((row) => Array.from({ length: 9 }, (_, index) => (17 * row + 5 * index) % 96));
/** The same batch again and again, at the same rate. */
const training = (steps: number, own: Partial<TrainOptions> = {}): TrainOptions => ({
  losses: [{ term: crossEntropyLoss(), weight: 1 }],
  optimizer: adamw(),
  schedule: () => 0.001,
  tokens: steps * 16,
  batch: 2,
  length: 8,
  data: Array.from({ length: steps }, () => padRows(rows, { batch: 2, length: 8 })),
  precision: 'float16',
  ...own,
});

interface Run extends Trained {
  readonly reports: readonly StageReport[];
}

async function run(options: TrainOptions, own: Model = model): Promise<Run> {
  const reports: StageReport[] = [];
  const tools = { signal: new AbortController().signal, report: (event: StageReport) => void reports.push(event) };
  return { ...(await trainModel(own, undefined, options, context, tools)), reports };
}

const series = ({ reports }: Run, name: string): readonly number[] =>
  reports.flatMap((event) => (event.type === 'metric' && event.name === name ? [event.value] : []));

async function bytes(own: Model): Promise<Buffer> {
  return Buffer.concat(
    await Promise.all(
      weightSpecs(own).map(async ({ name }) => {
        const { buffer, byteOffset, byteLength } = await own.weights.read(name);
        return Buffer.from(buffer, byteOffset, byteLength);
      }),
    ),
  );
}

/** Gradients of this model overflow at it and at half of it, and no longer at a quarter. */
const TOO_LARGE = await leastOverflow();

async function leastOverflow(): Promise<number> {
  for (let scale = 2 ** 12; scale <= 2 ** 30; scale *= 2) {
    const [skipped] = series(await run(training(1, { lossScaling: { initial: scale } })), 'skippedSteps');
    if (skipped === 1) return 2 * scale;
  }
  throw new Error('no scale is too large');
}

test('a step that overflows changes nothing but the scale, which is halved until it fits', async () => {
  const once = await run(training(1, { lossScaling: { initial: TOO_LARGE } }));
  expect((await bytes(once.model)).equals(await bytes(model))).toBe(true);
  expect(series(once, 'gradientNorm')).toEqual([]);
  const thrice = await run(training(4, { lossScaling: { initial: TOO_LARGE } }));
  expect(series(thrice, 'lossScale')).toEqual([TOO_LARGE, TOO_LARGE / 2, TOO_LARGE / 4, TOO_LARGE / 4]);
  expect(series(thrice, 'skippedSteps')).toEqual([1, 2, 2, 2]);
  expect(series(thrice, 'gradientNorm')).toHaveLength(2);
});

test('the optimiser does not count the steps that were left out', async () => {
  const after = await run(training(3, { lossScaling: { initial: TOO_LARGE } }));
  const alone = await run(training(1, { lossScaling: { initial: TOO_LARGE / 4 } }));
  expect((await bytes(after.model)).equals(await bytes(alone.model))).toBe(true);
});

test('the scale is doubled after so many steps in a row without an overflow', async () => {
  const own = await run(training(5, { lossScaling: { initial: 1024, growthInterval: 2 } }));
  expect(series(own, 'lossScale')).toEqual([1024, 1024, 2048, 2048, 4096]);
});

test('micro-batches accumulate to the step of one batch', async () => {
  const halves = rows.map((row) => padRows([row], { batch: 1, length: 8 }));
  const lossScaling = { initial: 1024 };
  const parts = await run(training(2, { batch: 1, accumulate: 2, data: [...halves, ...halves], lossScaling }));
  const whole = await run(training(2, { lossScaling }));
  expect(worstRatio(series(parts, 'loss'), series(whole, 'loss'))).toBeLessThan(1e-3);
  expect(worstRatio(series(parts, 'gradientNorm'), series(whole, 'gradientNorm'))).toBeLessThan(1e-2);
});

test('a training resumed from a checkpoint ends with the same bits, and with the scale it had', async () => {
  const options = training(5, { lossScaling: { initial: TOO_LARGE, growthInterval: 2 } });
  const whole = await run(options);
  const saved: { at?: TrainingCheckpoint } = {};
  const save = async (checkpoint: TrainingCheckpoint): Promise<void> => {
    if (checkpoint.step === 3) saved.at = await copyOf(checkpoint);
  };
  await run({ ...options, checkpoint: { every: 1, save } });
  if (saved.at === undefined) throw new Error('nothing was saved');
  const resumed = await run({ ...options, checkpoint: { every: 100, save, resumeFrom: saved.at } });
  expect((await bytes(resumed.model)).equals(await bytes(whole.model))).toBe(true);
  expect(series(resumed, 'lossScale')).toEqual(series(whole, 'lossScale').slice(3));
});

async function copyOf({ read, ...checkpoint }: TrainingCheckpoint): Promise<TrainingCheckpoint> {
  const tensors = new Map<string, HostTensor>();
  for (const name of Object.keys(checkpoint.tensors)) tensors.set(name, structuredClone(await read(name)));
  return { ...checkpoint, read: (name) => Promise.resolve(tensors.get(name) ?? Promise.reject(new Error(name))) };
}

test('gradients that no scale brings into range end the training, with a word on float32', async () => {
  const error: unknown = await run(training(40, { losses: [{ term: crossEntropyLoss(), weight: 1e7 }] })).catch(
    (own: unknown) => own,
  );
  expect(error).toBeInstanceOf(DivergedError);
  expect(String(error)).toContain('overflowed float16 at a loss scale of 0.5 (float32 would hold them)');
});

test('a loss that is no number ends the training as in float32', async () => {
  const name = 'model.norm.weight';
  const values = new Map(
    await Promise.all(weightSpecs(model).map(async (own) => [own.name, await model.weights.read(own.name)] as const)),
  );
  const large = (values.get(name) ?? new Float32Array()).map(() => 1e6);
  values.set(name, large); // float32 holds the logits, float16 does not
  const steep = { ...model, weights: memoryWeights(values) };
  expect(series(await run(training(1, { precision: 'float32' }), steep), 'loss').every(Number.isFinite)).toBe(true);
  await expect(run(training(2), steep)).rejects.toThrow(/the loss of the first batch, .*, is .*: train in float32/);
});
