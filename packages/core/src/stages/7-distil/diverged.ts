// Numbers that are no numbers: a training that diverged, and weights that came so.
import type { DeviceState } from '../../backend/index.js';
import { checkFiniteValues, firstNotFiniteValue } from '../../formats/index.js';
import type { Model } from '../../model/index.js';
import { readOne } from './checkpoint.js';

/** A loss, a gradient or a weight became NaN or infinite; checkpoints saved before are untouched. */
export class DivergedError extends Error {
  /** `DivergedError`, also where `instanceof` does not reach. */
  override readonly name = 'DivergedError';

  constructor(
    /** 0-based step after which it was seen. */
    readonly step: number,
    what: string,
    /** Steps done at the last checkpoint, where one was saved. */
    readonly lastCheckpoint?: number,
  ) {
    const kept = lastCheckpoint === undefined ? '' : `; the checkpoint after ${lastCheckpoint} steps is good`;
    super(
      `${what} at step ${step} (0-based)${kept}: lower the learning rate, or check the text for rows without valid tokens`,
    );
  }
}

/** Name of the first of these state tensors that holds a NaN or infinity. */
export async function firstNotFinite(state: DeviceState, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const { data, dtype } = await readOne(state, name);
    if (dtype === 'float32' && firstNotFiniteValue(data) !== undefined) return name;
  }
  return undefined;
}

/** The same model, whose weights are refused with an `InputError` when they hold a NaN or infinity. */
export function finiteWeights(model: Model, role: string): Model {
  const read = async (name: string): Promise<Float32Array> => {
    const values = await model.weights.read(name);
    checkFiniteValues(values, { name }, `train with the ${role} "${model.folder}"`);
    return values;
  };
  return { ...model, weights: { read } };
}
