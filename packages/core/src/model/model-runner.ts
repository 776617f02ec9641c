// A model on a device: its weights loaded into state once, and the programs that read them, each compiled once. Generation
// and evaluation share it; training keeps a state of its own. A large model's weights are loaded only where one program must
// have all of them at once.
import type { Backend, DeviceState, Executable, HostTensors, StoredTensor } from '../backend/index.js';
import type { Program, Tensor, TensorTypes } from '../graph/index.js';
import { countParameters, weightShape } from './architecture.js';
import { runLayered, type AllRuns, type AllRunsOptions } from './layered-run.js';
import { mappable } from './mappable.js';
import type { Model } from './model.js';
import { compileFor, toldWhile, type Told } from './told-while.js';
import { stateWeights, weightLookup, weightTypes, type ModelShape } from './state-weights.js';

/** Where a model runs. */
export interface RunnerContext {
  /** What compiles and runs its programs. */
  readonly backend: Backend;
  /** Device of the backend; its first one when not given. */
  readonly device?: string;
  /** Whether many runs of one program go layer by layer (`runAll`); where not said, those of models above 2^28 parameters do. */
  readonly layered?: boolean;
  /** Told of weights that are loaded and of programs that are compiled, where that takes longer than half a second. */
  readonly watch?: Told;
}

/** A model whose weights are on a device. Runs of one runner must not overlap. */
export interface ModelRunner {
  /** The model whose weights are on the device. */
  readonly model: Model;
  /** Whether `runAll` goes layer by layer. */
  readonly layered: boolean;
  /** One run over the state; a program is compiled when it is first seen, so make it once and keep it. */
  run(program: Program, inputs: HostTensors): Promise<HostTensors>;
  /**
   * A run for each batch. A large model passes them through one layer after the other, its weights read once from where they lie;
   * states that the program replaces must not have been run or written before.
   */
  runAll(program: Program, batches: readonly HostTensors[], options?: AllRunsOptions): Promise<AllRuns>;
  /** Copies states to the host: weights under their `runnerWeights` names, and the states asked for. */
  read(names: readonly string[]): Promise<HostTensors>;
  /** Overwrites states. Rejects as `DeviceState.write`. */
  write(values: HostTensors): Promise<void>;
  /** Frees the weights and all compiled programs. */
  dispose(): Promise<void>;
}

const PREFIX = 'model/';
const stateName = (weight: string): string => `${PREFIX}${weight}`;

/** The weight that a state of a runner's program holds; undefined for any other state. */
export function weightName(state: string): string | undefined {
  return state.startsWith(PREFIX) ? state.slice(PREFIX.length) : undefined;
}

/** Above it, what is gained by never having all weights at hand is more than what a program per layer costs. */
const LAYERED_ABOVE = 2 ** 28;

/**
 * Looks up a weight by its checkpoint name, as programs for a runner read it. The function throws `RangeError` for a name that
 * the family's `weights` do not have.
 */
export function runnerWeights(shape: ModelShape): (name: string) => Tensor<'float32'> {
  return weightLookup(stateWeights(shape, stateName));
}

/**
 * Puts a model's weights on a device, as float32, a large model's when they are first asked for; `states` are further, zero-filled
 * states that its programs need. Rejects with `InputError` for a device that cannot be used, and frees what it has put there when
 * anything fails.
 */
export async function createRunner(
  model: Model,
  context: RunnerContext,
  states: TensorTypes = {},
): Promise<ModelRunner> {
  const { layered = runsLayered(model) } = context;
  const compiled = new Map<Program, Executable>();
  let loaded: Promise<DeviceState> | undefined;
  const load = (): Promise<DeviceState> => (loaded ??= loadState(model, context, states));
  if (!layered) await load();
  const runner: ModelRunner = {
    model,
    layered,
    async run(program, inputs) {
      const state = await load();
      const executable = compiled.get(program) ?? (await compileFor(context, program));
      compiled.set(program, executable);
      return executable.run(inputs, state);
    },
    async runAll(program, batches, options = {}) {
      if (layered) return runLayered(model, program, batches, context, weightName, options);
      const outputs: HostTensors[] = [];
      for (const inputs of batches) {
        options.signal?.throwIfAborted();
        outputs.push(await runner.run(program, inputs));
        options.progress?.(outputs.length / batches.length);
      }
      return { outputs, states: await runner.read(Object.keys(program.next)) };
    },
    read: async (names) => (await load()).read(names),
    write: async (values) => (await load()).write(values),
    async dispose() {
      for (const executable of compiled.values()) await executable.dispose();
      compiled.clear();
      const state = await loaded?.catch(() => undefined);
      await state?.dispose();
    },
  };
  return runner;
}

/** Whether `runAll` goes layer by layer where the context says nothing: for models above 2^28 parameters. */
export function runsLayered({ family, architecture }: ModelShape): boolean {
  return countParameters(family.weights(architecture), architecture.sizes).parameters > LAYERED_ABOVE;
}

async function loadState(
  model: Model,
  { backend, device, watch }: RunnerContext,
  states: TensorTypes,
): Promise<DeviceState> {
  const state = await backend.createState({ ...weightTypes(model, stateName), ...states }, device);
  try {
    await writeWeights(state, model, stateName, { watch });
    return state;
  } catch (error) {
    await state.dispose();
    throw error;
  }
}

/**
 * Those weights of a large model that the device can read in their files, by the states that `rename` names; nothing for a small one, which is
 * faster as float32. Rejects with `InputError` for a weight with a NaN or an infinity.
 */
export async function storedWeights(
  model: Model,
  { backend, device, layered = runsLayered(model) }: RunnerContext,
  rename: (weight: string) => string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const found = new Map<string, StoredTensor>();
  if (!layered || backend.readsFiles?.(device) !== true) return found;
  for (const { name } of model.family.weights(model.architecture)) {
    const place = mappable(model.weights, name);
    if (place === undefined) continue;
    await model.weights.check?.(name);
    found.set(rename(name), place);
  }
  return found;
}

/** Copies those of a model's weights that are wanted (all when not said) into device state, one tensor in memory at a time. */
export async function writeWeights(
  state: DeviceState,
  { family, architecture, weights }: Model,
  rename: (weight: string) => string,
  {
    wanted = () => true,
    watch,
  }: { readonly wanted?: (state: string) => boolean; readonly watch?: Told | undefined } = {},
): Promise<void> {
  const specs = family.weights(architecture).filter(({ name }) => wanted(rename(name)));
  await toldWhile(watch, 'weights loaded', specs.length, async (count) => {
    for (const spec of specs) {
      const [data, shape] = [await weights.read(spec.name), weightShape(spec, architecture.sizes)];
      await state.write({ [rename(spec.name)]: { dtype: 'float32', shape, data } });
      count();
    }
  });
}
