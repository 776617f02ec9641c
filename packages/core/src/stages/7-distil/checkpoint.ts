// A training run between two steps, so that it can be broken off and go on. Where checkpoints are kept is the caller's to say.
import { checkHostTensor, type DeviceState, type HostTensor, type HostTensors } from '../../backend/index.js';
import { InputError } from '../../errors.js';
import { describeType, type TensorTypes } from '../../graph/index.js';

/** A metric that a stop rule has heard: name, 0-based step, value. */
export type HeardMetric = readonly [name: string, step: number, value: number];

/** Everything that a later step depends on. */
export interface TrainingCheckpoint {
  /** Steps done. */
  readonly step: number;
  /**
   * Batches taken from the data so far: steps, and those passed over for want of a prediction that counts, times micro-batches
   * per step. A resumed run takes as many and drops them, so its data must be the same from the beginning.
   */
  readonly batches: number;
  /** The loss of every step so far. */
  readonly losses: readonly number[];
  /** Whether the training ends here; absent where it was read back. */
  readonly last?: boolean;
  /** What the stop rule has heard; absent where there is none. */
  readonly metrics?: readonly HeardMetric[];
  /**
   * Parameters (`student/…`, `projection/…`, `teacher/…` where it is corrected), the optimiser's moments of each
   * (`moment1/student/…`), and with a stop rule the student when its validation loss was least (`best/student/…`).
   */
  readonly tensors: TensorTypes;
  /** One tensor; a checkpoint handed to `save` can be read until that promise settles. */
  read(name: string): Promise<HostTensor>;
}

/** When a training is saved, and where it goes on from. */
export interface CheckpointOptions {
  /**
   * A checkpoint is saved after every so many steps, or where the function says so of the steps done and of whether the training ends
   * there. Parameters are searched for numbers that are none only then and at the end; losses and gradient norms at every step.
   */
  readonly every: number | ((steps: number, last: boolean) => boolean);
  /** Called between steps, with finite parameters only; the training goes on when the promise resolves. */
  save(checkpoint: TrainingCheckpoint): Promise<void>;
  /** Where to go on from: on the same backend with as many threads the results are the same, bit for bit, as without a break. */
  readonly resumeFrom?: TrainingCheckpoint;
}

/** Where a run stands, apart from its tensors. */
export type TrainingPosition = Pick<TrainingCheckpoint, 'step' | 'batches' | 'losses' | 'last' | 'metrics'>;

const best = 'best/';

/** The present state as a checkpoint; `kept` are the best weights so far, by the names of their states. */
export function checkpointOf(
  position: TrainingPosition,
  state: DeviceState,
  tensors: TensorTypes,
  kept: HostTensors = {},
): TrainingCheckpoint {
  const held = Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [best + name, tensor]));
  const types = Object.entries(held).map(([name, { shape, dtype }]) => [name, { shape, dtype }] as const);
  const read = (name: string): Promise<HostTensor> => {
    const own = held[name];
    return own === undefined ? readOne(state, name) : Promise.resolve(own);
  };
  return { ...position, tensors: { ...tensors, ...Object.fromEntries(types) }, read };
}

/** The best weights that a checkpoint holds, by the names of their states; none where it has none. */
export async function bestOf(checkpoint: TrainingCheckpoint): Promise<HostTensors | undefined> {
  const names = Object.keys(checkpoint.tensors).filter((name) => name.startsWith(best));
  if (names.length === 0) return undefined;
  const kept: Record<string, HostTensor> = {};
  for (const name of names) kept[name.slice(best.length)] = await checkpoint.read(name);
  return kept;
}

/** Writes a checkpoint's tensors into the state of a run. Throws `InputError`, before anything is written, when they are not those of this training. */
export async function restore(checkpoint: TrainingCheckpoint, state: DeviceState, tensors: TensorTypes): Promise<void> {
  const asked = `resume a training at step ${checkpoint.step}`;
  const fix = 'Resume with the model, optimiser and losses that the checkpoint was made with';
  for (const [name, type] of Object.entries(tensors)) {
    const held = checkpoint.tensors[name];
    if (held !== undefined && describeType(held) === describeType(type)) continue;
    const found = `the checkpoint has ${held === undefined ? 'no tensor' : describeType(held)} "${name}"; it must be ${describeType(type)}`;
    throw new InputError({ asked, found, fix });
  }
  const further = Object.keys(checkpoint.tensors).find((name) => tensors[name] === undefined && !name.startsWith(best));
  if (further !== undefined) {
    throw new InputError({ asked, found: `the checkpoint has "${further}", which is not trained here`, fix });
  }
  for (const [name, type] of Object.entries(tensors)) {
    const tensor = checkHostTensor(`checkpoint tensor "${name}"`, type, await checkpoint.read(name));
    await state.write({ [name]: tensor });
  }
}

/** One tensor of a state. */
export async function readOne(state: DeviceState, name: string): Promise<HostTensor> {
  const { [name]: tensor } = await state.read([name]);
  if (tensor === undefined) throw new RangeError(`the state has no "${name}"`);
  return tensor;
}
