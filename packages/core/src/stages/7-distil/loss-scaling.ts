// Dynamic loss scaling as part of the training programs: gradients that float16 could not hold are computed larger, and a step in
// which they overflowed is left out. All of it is state on the device, so that a checkpoint has it.
import { hostFloats, type HostTensors } from '../../backend/index.js';
import {
  add,
  and,
  constant,
  divide,
  lessEqual,
  minimum,
  multiply,
  state,
  where,
  type Tensor,
  type TensorTypes,
} from '../../graph/index.js';

type Float = Tensor<'float32'>;

/** What products are computed in. Weights, moments, norms and losses are float32 in either case. */
export type Precision = 'float32' | 'float16';

/** The rule for the factor on the loss (Micikevicius et al. 2018, section 3.2); defaults are those of `torch.amp.GradScaler`. */
export interface LossScaling {
  /** Factor at the first step, 65,536 when not given; a power of two, so that scaling rounds nothing. */
  readonly initial?: number;
  /** The factor is doubled after so many steps in a row without an overflow, 2,000 when not given; an overflow halves it. */
  readonly growthInterval?: number;
}

/** Larger ones gain nothing: float32 holds what is unscaled. */
const LARGEST_SCALE = 2 ** 24;
/** float32's largest number. */
const LARGEST = 3.4028234663852886e38;

/** States of the scaling, all scalars. */
export const scalingNames = {
  scale: 'scaling/scale',
  /** Steps since the scale was last changed. */
  steady: 'scaling/steady',
  /** Steps left out so far. */
  skipped: 'scaling/skipped',
};

const leaf = (name: string): Float => state(name, [], 'float32');

/** Types of the states. */
export function scalingTypes(): TensorTypes {
  return Object.fromEntries(
    Object.values(scalingNames).map((name) => [name, { shape: [], dtype: 'float32' } as const]),
  );
}

/** What the states are before the first step. */
export function initialScaling({ initial = 2 ** 16 }: LossScaling = {}): HostTensors {
  const values = { [scalingNames.scale]: initial, [scalingNames.steady]: 0, [scalingNames.skipped]: 0 };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hostFloats(value, [])]));
}

/** The factor on the loss, and what undoes it. */
export function presentScale(): { readonly scale: Float; readonly inverse: Float } {
  const scale = leaf(scalingNames.scale);
  return { scale, inverse: divide(constant(1, [], 'float32'), scale) };
}

/** Whether none of the gradients is infinite or NaN: their norms are finite. */
export function allFinite(norms: readonly Float[]): Tensor<'bool'> {
  return norms.map((norm) => lessEqual(norm, LARGEST)).reduce((a, b) => and(a, b));
}

/** The next states, and what they are called among the outputs of a step. */
export function scaled(
  finite: Tensor<'bool'>,
  { growthInterval = 2000 }: LossScaling = {},
): { readonly next: Readonly<Record<string, Float>>; readonly outputs: Readonly<Record<string, Float>> } {
  const scale = leaf(scalingNames.scale);
  const steady = add(leaf(scalingNames.steady), 1);
  const grows = lessEqual(constant(growthInterval, [], 'float32'), steady);
  const grown = where(grows, minimum(multiply(scale, 2), LARGEST_SCALE), scale);
  const skipped = add(leaf(scalingNames.skipped), where(finite, constant(0, [], 'float32'), 1));
  return {
    next: {
      [scalingNames.scale]: where(finite, grown, multiply(scale, 0.5)),
      [scalingNames.steady]: where(finite, where(grows, constant(0, [], 'float32'), steady), 0),
      [scalingNames.skipped]: skipped,
    },
    outputs: { lossScale: scale, skippedSteps: skipped },
  };
}
