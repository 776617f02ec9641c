// Runs one training step on a backend: one run for a step of one batch; for several micro-batches a run each, and one more.
import { hostFloats, hostIntegers, hostNumber, type DeviceState, type HostTensors } from '../../backend/index.js';
import type { Program } from '../../graph/index.js';
import type { TokenBatch } from '../../data/index.js';
import type { StageContext } from '../../pipeline/index.js';
import { applyProgram, gradientProgram, trainProgram } from './train-step.js';
import type { TrainStepOptions } from './step-options.js';

/** Every number that a step gives, by the name of the output. */
export type StepMetrics = Readonly<Record<string, number>>;

export interface Stepper {
  /** One step over micro-batches as they are fed. `scalars` are the optimisers' inputs. */
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

/** Compiles the programs. */
export async function createStepper(
  programs: StepPrograms,
  { backend, device }: StageContext,
  state: DeviceState,
): Promise<Stepper> {
  if (programs.whole !== undefined) {
    const train = await backend.compile(programs.whole, device);
    return {
      run: async ([batch], scalars) => numbers(await train.run({ ...batch, ...scalars }, state)),
      dispose: () => train.dispose(),
    };
  }
  const gradients = await backend.compile(programs.gradients, device);
  const apply = await backend.compile(programs.apply, device);
  return {
    async run(batches, scalars) {
      const parts: StepMetrics[] = [];
      for (const batch of batches) parts.push(numbers(await gradients.run(batch, state)));
      return { ...means(parts), ...numbers(await apply.run(scalars, state)) };
    },
    async dispose() {
      await gradients.dispose();
      await apply.dispose();
    },
  };
}

/** A batch as inputs of a program. */
export function batchInputs(batch: TokenBatch): HostTensors {
  const shape = [batch.batch, batch.length];
  return {
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

function means(parts: readonly StepMetrics[]): StepMetrics {
  const sums: Record<string, number> = {};
  for (const part of parts) for (const [name, value] of Object.entries(part)) sums[name] = (sums[name] ?? 0) + value;
  return Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, value / parts.length]));
}
