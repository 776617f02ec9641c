// A model on a device: its weights loaded into state once, and the programs that read them, each compiled once. Generation
// and evaluation share it; training keeps a state of its own.
import type { Backend, DeviceState, Executable, HostTensors } from '../backend/index.js';
import type { Program, Tensor, TensorTypes } from '../graph/index.js';
import { weightShape } from './architecture.js';
import type { Model } from './model.js';
import { stateWeights, weightLookup, weightTypes, type ModelShape } from './state-weights.js';

/** Where a model runs. */
export interface RunnerContext {
  /** What compiles and runs its programs. */
  readonly backend: Backend;
  /** Device of the backend; its first one when not given. */
  readonly device?: string;
}

/** A model whose weights are on a device. Runs of one runner must not overlap. */
export interface ModelRunner {
  /** The model whose weights are on the device. */
  readonly model: Model;
  /** Weights under `runnerWeights` names, and the states asked for. */
  readonly state: DeviceState;
  /** One run over the state; a program is compiled when it is first seen, so make it once and keep it. */
  run(program: Program, inputs: HostTensors): Promise<HostTensors>;
  /** Frees the weights and all compiled programs. */
  dispose(): Promise<void>;
}

const stateName = (weight: string): string => `model/${weight}`;

/**
 * Looks up a weight by its checkpoint name, as programs for a runner read it. The function throws `RangeError` for a name that
 * the family's `weights` do not have.
 */
export function runnerWeights(shape: ModelShape): (name: string) => Tensor<'float32'> {
  return weightLookup(stateWeights(shape, stateName));
}

/**
 * Puts a model's weights on a device, as float32; `states` are further, zero-filled states that its programs need. Rejects with
 * `InputError` for a device that cannot be used, and frees what it has put there when anything fails.
 */
export async function createRunner(
  model: Model,
  { backend, device }: RunnerContext,
  states: TensorTypes = {},
): Promise<ModelRunner> {
  const state = await backend.createState({ ...weightTypes(model, stateName), ...states }, device);
  const compiled = new Map<Program, Executable>();
  const dispose = async (): Promise<void> => {
    for (const executable of compiled.values()) await executable.dispose();
    compiled.clear();
    await state.dispose();
  };
  try {
    await writeWeights(state, model, stateName);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    model,
    state,
    dispose,
    async run(program, inputs) {
      const executable = compiled.get(program) ?? (await backend.compile(program, device));
      compiled.set(program, executable);
      return executable.run(inputs, state);
    },
  };
}

/** Copies a model's weights into device state, one tensor in memory at a time. */
export async function writeWeights(
  state: DeviceState,
  { family, architecture, weights }: Model,
  rename: (weight: string) => string,
): Promise<void> {
  for (const spec of family.weights(architecture)) {
    const [data, shape] = [await weights.read(spec.name), weightShape(spec, architecture.sizes)];
    await state.write({ [rename(spec.name)]: { dtype: 'float32', shape, data } });
  }
}
