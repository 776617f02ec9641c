// Proof that an exported folder is the model in memory: loaded again, it must give the same logits as that model with its weights
// rounded to the types they were stored in.
import { hostIntegers } from '../../backend/index.js';
import { runnerBytes, type RunBytes } from '../../cost/index.js';
import type { BatchSize } from '../../data/index.js';
import { InputError, InternalError } from '../../errors.js';
import { decode, encode } from '../../formats/index.js';
import { input, program, type Program } from '../../graph/index.js';
import {
  createRunner,
  runnerWeights,
  weightParts,
  weightShape,
  weightSpecs,
  type Model,
  type ModelFamily,
  type ModelShape,
  type Weights,
} from '../../model/index.js';
import { sizeOf } from '../../model/weight-parts.js';
import { shareOf } from '../../pipeline/events.js';
import type { StageContext } from '../../pipeline/index.js';
import { loadModel } from '../1-load/index.js';

/** Largest difference of a logit that counts as the same. */
const TOLERANCE = 1e-5;

/** What a reloaded model is compared on, and with what it is run. */
export interface ReloadOptions {
  /** Size of the batch of seeded random ids; 1 × 16 when not given. */
  readonly size?: BatchSize;
  /** Families that the folder may be of. */
  readonly families: readonly ModelFamily[];
  /** Where both models run. */
  readonly context: StageContext;
}

/**
 * Loads an exported folder and compares logits, whatever the storage; gives the largest difference. Throws `InputError` as
 * `loadModel` does and for logits that are NaN or infinite, and `InternalError` for a difference above 1e-5.
 */
export async function checkReload(model: Model, folder: string, options: ReloadOptions): Promise<number> {
  const { size = { batch: 1, length: 16 }, families, context } = options;
  const { sizes, contextLength } = model.architecture;
  const shape = [size.batch, Math.min(size.length, contextLength)] as const;
  const random = context.random.fork('reload');
  const ids = Int32Array.from({ length: shape[0] * shape[1] }, () => random.integer(sizes.vocab));
  const reloaded = await loadModel(folder, families);
  try {
    const expected = await logitsOf(rounded(model, reloaded.model.storageTypes), ids, shape, context);
    const found = await logitsOf(reloaded.model, ids, shape, context);
    if (found.length !== expected.length)
      throw new InternalError(`the reloaded model gives ${found.length} logits, the one in memory ${expected.length}`);
    const bad = expected.find((own) => !Number.isFinite(own));
    if (bad !== undefined) {
      throw new InputError({
        asked: `compare the model in "${folder}" with the one in memory`,
        found: `a logit is ${bad} on ${shape[1]} random tokens`,
        fix: 'The model overflows within its layers: check the model it came from, or train it with a lower learning rate',
      });
    }
    const difference = found.reduce((most, own, index) => Math.max(most, Math.abs(own - expected[index]!)), 0);
    if (difference <= TOLERANCE) return difference;
    throw new InternalError(
      `the model reloaded from "${folder}" differs from the one in memory by ${difference} in a logit`,
    );
  } finally {
    await reloaded.close();
  }
}

/** Bytes of a process that compares a model with itself reloaded; `size` as `checkReload` has it. */
export function reloadBytes(model: ModelShape, { batch, length }: BatchSize): RunBytes {
  return runnerBytes(model, logitsProgram(model, [batch, Math.min(length, model.architecture.contextLength)]));
}

function logitsProgram(model: ModelShape, shape: readonly [batch: number, length: number]): Program {
  const ids = input('ids', shape, 'int32');
  const logits = model.family.forward(model.architecture, { ids, weight: runnerWeights(model) });
  return program('logits', { outputs: { logits } });
}

/** The model as those storage types hold it. */
function rounded(model: Model, types: Model['storageTypes']): Model {
  const { weights, architecture } = model;
  const shapes = new Map(weightSpecs(model).map((spec) => [spec.name, weightShape(spec, architecture.sizes)]));
  const read = async (name: string): Promise<Float32Array> => {
    const [type, shape] = [types.get(name), shapes.get(name)];
    if (type === undefined || type === 'F32' || shape === undefined) return weights.read(name);
    const values = new Float32Array(sizeOf(shape));
    for await (const part of weightParts(weights, name, shape))
      values.set(decode(encode(part.values, type), type), part.begin);
    return values;
  };
  const stored: Weights['stored'] = (name) => {
    const [own, type = 'F32'] = [weights.stored?.(name), types.get(name)];
    return type === 'F32' || type === own?.type ? own : undefined;
  };
  return { ...model, weights: { read, stored, check: async (name) => weights.check?.(name) } };
}

async function logitsOf(
  model: Model,
  ids: Int32Array,
  shape: readonly [batch: number, length: number],
  context: StageContext,
): Promise<Float32Array> {
  const runner = await createRunner(model, context);
  try {
    const progress = shareOf(model.architecture.layers, 'layers', context.watch);
    const { outputs } = await runner.runAll(logitsProgram(model, shape), [{ ids: hostIntegers(ids, shape) }], {
      progress,
    });
    const found = outputs[0]?.['logits'];
    if (found?.dtype !== 'float32') throw new InternalError('no logits came back');
    return found.data;
  } finally {
    await runner.dispose();
  }
}
