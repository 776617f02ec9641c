// A training run between two steps, so that it can be broken off and go on. Where checkpoints are kept is the caller's to say.
import { checkHostTensor, type DeviceState, type HostTensor } from '../../backend/index.js';
import { InputError } from '../../errors.js';
import { describeType, type TensorTypes } from '../../graph/index.js';

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
  /** Parameters (`student/…`, `projection/…`, `teacher/…` where it is corrected) and the optimiser's moments of each (`moment1/student/…`). */
  readonly tensors: TensorTypes;
  /** One tensor; a checkpoint handed to `save` can be read until that promise settles. */
  read(name: string): Promise<HostTensor>;
}

/** When a training is saved, and where it goes on from. */
export interface CheckpointOptions {
  /** A checkpoint is saved after every so many steps. */
  readonly every: number;
  /** Called between steps, with finite parameters only; the training goes on when the promise resolves. */
  save(checkpoint: TrainingCheckpoint): Promise<void>;
  /** Where to go on from: on the same backend with as many threads the results are the same, bit for bit, as without a break. */
  readonly resumeFrom?: TrainingCheckpoint;
}

/** Where a run stands, apart from its tensors. */
export type TrainingPosition = Pick<TrainingCheckpoint, 'step' | 'batches' | 'losses'>;

/** The present state as a checkpoint. */
export function checkpointOf(position: TrainingPosition, state: DeviceState, tensors: TensorTypes): TrainingCheckpoint {
  return { ...position, tensors, read: (name) => readOne(state, name) };
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
  const further = Object.keys(checkpoint.tensors).find((name) => tensors[name] === undefined);
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
