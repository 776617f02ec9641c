// Runs one training step on a backend: one run for a step of one batch; for several micro-batches a run each, and one more.
import {
  hostFloats,
  hostIntegers,
  hostNumber,
  type DeviceState,
  type Executable,
  type HostTensors,
} from '../../backend/index.js';
import { InputError } from '../../errors.js';
import { present } from '../../look-up.js';
import type { Program } from '../../graph/index.js';
import type { TokenBatch } from '../../data/index.js';
import { applyProgram, gradientProgram, trainProgram } from './train-step.js';
import type { TrainStepOptions } from './step-options.js';

/** Every number that a step gives, by the name of the output. */
export type StepMetrics = Readonly<Record<string, number>>;

export interface Stepper {
  /**
   * One step over micro-batches as they are fed, each with a prediction that counts. `scalars` are the inputs of optimisers, losses and balancer. Losses
   * are means over all predictions of the step, as what it minimises is.
   */
  run(batches: readonly HostTensors[], scalars: HostTensors): Promise<StepMetrics>;
  dispose(): Promise<void>;
}

/** The programs of a step: one, or the pair for gradient accumulation. */
export type StepPrograms =
  { readonly whole: Program } | { readonly whole?: undefined; readonly gradients: Program; readonly apply: Program };

/** Makes them; nothing is compiled or allocated. Throws `InputError` for losses that do not fit together. */
export function stepPrograms(options: TrainStepOptions, accumulate: number): StepPrograms {
  return accumulate === 1
    ? { whole: trainProgram(options) }
    : { gradients: gradientProgram(options), apply: applyProgram(options) };
}

/** Compiles for the device that the training's state is on. */
export type Compile = (program: Program) => Promise<Executable>;

/** Compiles the programs. */
export async function createStepper(programs: StepPrograms, compile: Compile, state: DeviceState): Promise<Stepper> {
  if (programs.whole !== undefined) {
    const train = await compile(programs.whole);
    return {
      run: async ([batch], scalars) => numbers(await train.run({ ...batch, ...scalars }, state)),
      dispose: () => train.dispose(),
    };
  }
  const gradients = await compile(programs.gradients);
  const apply = await compile(programs.apply).catch(async (error: unknown) => {
    await gradients.dispose();
    throw error;
  });
  return {
    async run(batches, scalars) {
      const parts: BatchLosses[] = [];
      for (const batch of batches) parts.push(batchLosses(await gradients.run({ ...batch, ...scalars }, state)));
      return { ...lossesOverRows(parts), ...numbers(await apply.run(scalars, state)) };
    },
    async dispose() {
      await gradients.dispose();
      await apply.dispose();
    },
  };
}

/** A batch as inputs of a program. Throws `InputError` where attention is to stay within documents that the batch does not tell. */
export function batchInputs(
  batch: TokenBatch,
  { crossDocumentAttention = true }: Pick<TrainStepOptions, 'crossDocumentAttention'>,
): HostTensors {
  const shape = [batch.batch, batch.length];
  const { documents } = batch;
  if (!crossDocumentAttention && documents === undefined)
    throw new InputError({
      asked: 'train with attention within documents',
      found: 'a batch does not say which document its tokens are of',
      fix: 'Pack its documents with crossDocumentAttention: false as well',
    });
  return {
    ...(crossDocumentAttention || documents === undefined ? {} : { documents: hostIntegers(documents, shape) }),
    ids: hostIntegers(batch.ids, shape),
    targets: hostIntegers(batch.targets, shape),
    weights: hostFloats(batch.weights, shape),
  };
}

/** An optimiser's scalars as inputs under a group's prefix. */
export function scalarInputs(prefix: string, scalars: Readonly<Record<string, number>>): HostTensors {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [`${prefix}/${name}`, hostFloats(value, [])]),
  );
}

/** One-element outputs as numbers. */
export function numbers(outputs: HostTensors): StepMetrics {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, hostNumber(value)]));
}

/** The losses of one batch, and how many predictions they are the mean of. */
export interface BatchLosses {
  /** Sum of the row weights. */
  readonly rows: number;
  readonly losses: StepMetrics;
}

/** Outputs of `gradientProgram` or `lossProgram` as numbers. */
export function batchLosses({ rows, ...losses }: HostTensors): BatchLosses {
  return { rows: hostNumber(present(rows, 'the output "rows"')), losses: numbers(losses) };
}

/** Σ rows·loss / Σ rows of every loss: the mean over all predictions, as their gradients are averaged. No loss where no row counts. */
export function lossesOverRows(parts: readonly BatchLosses[]): StepMetrics {
  const counted = parts.filter(({ rows }) => rows !== 0);
  const total = counted.reduce((sum, { rows }) => sum + rows, 0);
  const [first] = counted;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.keys(first.losses).map((name) => {
      const sum = counted.reduce((all, { rows, losses }) => all + rows * present(losses[name], `loss "${name}"`), 0);
      return [name, sum / total];
    }),
  );
}
