// Proof that a cut is what its plan says: the whole model with the plan's parts silenced must say what the cut model says.
import { hostIntegers, type HostTensors } from '../../backend/index.js';
import { runnerBytes, type RunBytes } from '../../cost/index.js';
import { InputError, InternalError } from '../../errors.js';
import { input, program, type Program } from '../../graph/index.js';
import {
  createRunner,
  fullPlan,
  maskInputs,
  maskValues,
  partsOf,
  runnerWeights,
  weightShape,
  weightSpecs,
  type Model,
  type ModelShape,
  type PrunePlan,
  type Weights,
  type WeightSpec,
} from '../../model/index.js';
import type { ModelMasks } from '../../model/masks.js';
import { shareOf } from '../../pipeline/events.js';
import type { StageContext } from '../../pipeline/index.js';
import { cutRange, storedCut, weightCut, type WeightCut } from './slice-weight.js';
import { at, present } from '../../look-up.js';

/** Largest difference of a logit, relative to the largest logit, that float32 arithmetic explains. */
export const MASKED_TOLERANCE = 1e-4;
/** Smallest normal float32: logits of a model of zeros are 0, and smaller numbers count as 0 where a backend has the processor flush them. */
const SMALLEST = 2 ** -126;
/** Tokens that are compared on. */
const TOKENS = 16;

/**
 * Compares sliced and masked logits on seeded random ids, one model in memory at a time; gives the largest difference relative
 * to the largest logit. Throws `InputError` when the model itself gives logits that are NaN or infinite, and `InternalError` when
 * the difference exceeds the tolerance: the family, or the cutting of weights, is wrong.
 */
export async function checkMasked(
  model: Model,
  plan: PrunePlan,
  student: Model,
  context: StageContext,
): Promise<number> {
  const { architecture } = model;
  const random = context.random.fork('check-masked');
  const length = Math.min(TOKENS, architecture.contextLength);
  const ids = Array.from({ length }, () => random.integer(architecture.sizes.vocab));
  const masked = await logitsOf(
    merged(model, plan),
    ids,
    context,
    maskInputs(architecture),
    maskValues(architecture, plan),
  );
  const bad = masked.find((own) => !Number.isFinite(own));
  if (bad !== undefined) {
    throw new InputError({
      asked: `check the cut of "${model.folder}"`,
      found: `a logit of the model before the cut is ${bad} on ${length} random tokens`,
      fix: 'The model overflows within its layers: check that its weights and config.json belong together',
    });
  }
  const sliced = await logitsOf(student, ids, context);
  const largest = masked.reduce((most, own) => Math.max(most, Math.abs(own)), SMALLEST);
  if (sliced.length !== masked.length) throw new InternalError(`${sliced.length} logits for ${masked.length}`);
  const difference = sliced.reduce((most, own, i) => Math.max(most, Math.abs(own - at(masked, i))), 0) / largest;
  if (difference <= MASKED_TOLERANCE) return difference;
  throw new InternalError(
    `the cut model differs from the masked one by ${difference} of the largest logit; family "${model.family.name}" must use the masks in its forward pass`,
  );
}

/** The whole model with the plan's heads merged, since no mask can do that. */
function merged(model: Model, { layers, mergedHeads }: PrunePlan): Model {
  if (mergedHeads === undefined) return model;
  const { weights, architecture } = model;
  const whole = fullPlan(architecture);
  const specs = new Map(weightSpecs(model).map((spec) => [spec.name, spec]));
  const all = whole.layers.map((layer) => {
    const place = layers.indexOf(layer);
    return place === -1 ? [] : at(mergedHeads, place);
  });
  const cutOf = (spec: WeightSpec): WeightCut =>
    weightCut(spec, architecture, { ...whole, mergedHeads: all }, spec.layer);
  const read = async (name: string): Promise<Float32Array> => {
    const spec = specs.get(name);
    if (spec === undefined) return weights.read(name);
    const cut = cutOf(spec);
    const part = await partsOf(weights, name, weightShape(spec, architecture.sizes));
    return cutRange(cut, part, 0, cut.kept[0] * cut.kept[1]);
  };
  const stored: Weights['stored'] = (name) => {
    const [spec, own] = [specs.get(name), weights.stored?.(name)];
    return spec === undefined || own === undefined ? undefined : storedCut(cutOf(spec), own);
  };
  return { ...model, weights: { read, stored, check: async (name) => weights.check?.(name) } };
}

/** Bytes of a process that runs the check on the masked model, which takes more than the cut one. */
export function checkMaskedBytes(model: ModelShape): RunBytes {
  const { architecture } = model;
  const length = Math.min(TOKENS, architecture.contextLength);
  return runnerBytes(model, logitsProgram(model, length, maskInputs(architecture)));
}

function logitsProgram({ family, architecture }: ModelShape, length: number, masks?: ModelMasks): Program {
  const inputs = { ids: input('ids', [1, length], 'int32'), weight: runnerWeights({ family, architecture }) };
  const logits = family.forward(architecture, masks === undefined ? inputs : { ...inputs, masks });
  return program('check masked', { outputs: { logits } });
}

async function logitsOf(
  model: Model,
  ids: readonly number[],
  context: StageContext,
  masks?: ModelMasks,
  values: HostTensors = {},
): Promise<Float32Array> {
  const runner = await createRunner(model, context);
  try {
    const { outputs } = await runner.runAll(
      logitsProgram(model, ids.length, masks),
      [{ ...values, ids: hostIntegers(ids, [1, ids.length]) }],
      { progress: shareOf(model.architecture.layers, 'layers', context.watch) },
    );
    return Float32Array.from(present(outputs[0]?.['logits'], 'the logits').data);
  } finally {
    await runner.dispose();
  }
}
