// A model on a device: its weights loaded into state once, and the programs that read them, each compiled once. Generation
// and evaluation share it; training keeps a state of its own. A large model's weights are loaded only where one program must
// have all of them at once.
import type { Backend, DeviceState, Executable, HostTensors, StorageType, StoredTensor } from '../backend/index.js';
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
  /**
   * Whether a run of a whole program reads weights in their files, where the device can; where not said, those of models above 2^30
   * parameters are read so.
   */
  readonly mapped?: boolean;
  /** Told of weights that are loaded and of programs that are compiled, where that takes longer than half a second. */
  readonly watch?: Told;
  /** Aborted when nobody waits for what runs: `runAll` ends before its next part. */
  readonly signal?: AbortSignal;
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
/** Above it, 4 GiB of float32 cost more than widening each weight in every run. */
const MAPPED_ABOVE = 2 ** 30;

/**
 * Looks up a weight by its checkpoint name, as programs for a runner read it. The function throws `RangeError` for a name that
 * the family's `weights` do not have.
 */
export function runnerWeights(shape: ModelShape): (name: string) => Tensor<'float32'> {
  return weightLookup(stateWeights(shape, stateName));
}

/**
 * Puts a model's weights on a device, as float32, a large model's when they are first asked for, and one's of more than 2^30 parameters
 * where they lie, in their files, if the device reads those; `states` are further, zero-filled
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
  let loaded: Promise<LoadedState> | undefined;
  const load = (): Promise<LoadedState> => (loaded ??= loadState(model, context, states));
  if (!layered) await load();
  const runner: ModelRunner = {
    model,
    layered,
    async run(program, inputs) {
      const { state, storage } = await load();
      const executable = compiled.get(program) ?? (await compileFor(context, program, storage));
      compiled.set(program, executable);
      return executable.run(inputs, state);
    },
    async runAll(program, batches, { signal = context.signal, ...others } = {}) {
      const options: AllRunsOptions = { ...others, ...(signal === undefined ? {} : { signal }) };
      if (layered) return runLayered(model, program, batches, context, weightName, options);
      const outputs: HostTensors[] = [];
      for (const inputs of batches) {
        options.signal?.throwIfAborted();
        outputs.push(await runner.run(program, inputs));
        options.progress?.(outputs.length / batches.length);
      }
      return { outputs, states: await runner.read(Object.keys(program.next)) };
    },
    read: async (names) => (await load()).state.read(names),
    write: async (values) => (await load()).state.write(values),
    async dispose() {
      for (const executable of compiled.values()) await executable.dispose();
      compiled.clear();
      const own = await loaded?.catch(() => undefined);
      await own?.state.dispose();
    },
  };
  return runner;
}

/** Whether `runAll` goes layer by layer where the context says nothing: for models above 2^28 parameters. */
export function runsLayered({ family, architecture }: ModelShape): boolean {
  return countParameters(family.weights(architecture), architecture.sizes).parameters > LAYERED_ABOVE;
}

/** Whether a whole program of the model reads weights where they lie, where the device can: their float32 copies would take more than 4 GiB. */
export function runsMapped({ family, architecture }: ModelShape): boolean {
  return countParameters(family.weights(architecture), architecture.sizes).parameters > MAPPED_ABOVE;
}

/** What is on the device, and the storage types of what is read in its files. */
interface LoadedState {
  readonly state: DeviceState;
  readonly storage: ReadonlyMap<string, StorageType>;
}

async function loadState(model: Model, context: RunnerContext, states: TensorTypes): Promise<LoadedState> {
  const { backend, device, watch, mapped = runsMapped(model) } = context;
  const stored = await storedWeights(model, { ...context, layered: mapped }, stateName);
  const state = await backend.createState({ ...weightTypes(model, stateName), ...states }, device, stored);
  try {
    await writeWeights(state, model, stateName, { watch, wanted: (name) => !stored.has(name) });
    return { state, storage: new Map(Array.from(stored, ([name, { type }]) => [name, type] as const)) };
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
