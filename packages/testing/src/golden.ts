// Reading the golden numbers that `tools/oracle` makes, and running what they were made from. Where the files are, and which
// family, losses and optimiser are meant, is the caller's to say: core knows no plugin.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  at,
  createRunner,
  memoryWeights,
  mutedCodec,
  openModelFolder,
  present,
  runnerWeights,
  trainModel,
  weightSpecs,
  type Model,
  type ModelFamily,
  type RunnerContext,
  type StageContext,
  type TrainOptions,
} from '@espalier/core';
import { hostIntegers, input, program } from '@espalier/core/graph';

/** A tensor as the oracle packs it: little-endian float32 in base64. */
export interface PackedTensor {
  /** Always float32. */
  readonly dtype: 'float32';
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly base64: string;
}

/** The values of a packed tensor, row-major. */
export function unpack({ base64 }: PackedTensor): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

/**
 * A checkpoint folder without tokenizer as a model in memory, read by the config file of the given name. Throws as
 * `openModelFolder` and the family's `readConfig` do.
 */
export async function fixtureModel(path: string, family: ModelFamily, config = 'config.json'): Promise<Model> {
  const folder = await openModelFolder(path);
  try {
    const parsed: unknown = JSON.parse(await readFile(join(path, config), 'utf8'));
    const architecture = family.readConfig(parsed);
    const values = new Map<string, Float32Array>();
    for (const { name } of weightSpecs({ family, architecture })) values.set(name, await folder.checkpoint.read(name));
    return {
      family,
      architecture,
      config: folder.config,
      weights: memoryWeights(values),
      tokenizer: mutedCodec(architecture.sizes.vocab),
      folder: path,
      storageTypes: new Map([...values.keys()].map((name) => [name, 'F32'])),
    };
  } finally {
    await folder.checkpoint.close();
  }
}

/** What a training run reported at each step, and the model it ended with. */
export interface TrainingCurve {
  /** Loss of each step, in nats. */
  readonly losses: readonly number[];
  /** L2 norm of all gradients before clipping, at each step. */
  readonly gradientNorms: readonly number[];
  /** Learning rate of each step. */
  readonly learningRates: readonly number[];
  /** The trained student. */
  readonly model: Model;
}

/** Trains as `options` say and keeps the metrics; throws what training throws. */
export async function trainingCurve(
  student: Model,
  teacher: Model | undefined,
  options: TrainOptions,
  context: StageContext,
): Promise<TrainingCurve> {
  const series = new Map<string, number[]>();
  const { model } = await trainModel(student, teacher, options, context, {
    signal: new AbortController().signal,
    report(event) {
      if (event.type === 'metric') series.set(event.name, [...(series.get(event.name) ?? []), event.value]);
    },
  });
  const of = (name: string): readonly number[] => series.get(name) ?? [];
  return { losses: of('loss'), gradientNorms: of('gradientNorm'), learningRates: of('learningRate'), model };
}

/** Largest |actual / expected − 1|; infinite when the lengths differ. */
export function worstRatio(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return Math.max(0, ...actual.map((own, index) => Math.abs(own / at(expected, index) - 1)));
}

/** Logits of B sequences of T token ids each: row-major `[B·T, V]`. */
export async function modelLogits(
  model: Model,
  rows: readonly (readonly number[])[],
  context: RunnerContext,
): Promise<Float32Array> {
  const shape = [rows.length, at(rows, 0).length];
  const ids = input('ids', shape, 'int32');
  const outputs = { logits: model.family.forward(model.architecture, { ids, weight: runnerWeights(model) }) };
  const runner = await createRunner(model, context);
  try {
    const { logits } = await runner.run(program('logits', { outputs }), { ids: hostIntegers(rows.flat(), shape) });
    return Float32Array.from(present(logits, 'the output "logits"').data);
  } finally {
    await runner.dispose();
  }
}
