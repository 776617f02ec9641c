// Choosing the next token from logits, inside the graph. B sequences, V vocabulary.
import {
  argMax,
  cast,
  cumulativeSum,
  less,
  lessEqual,
  max,
  maximum,
  minimum,
  multiply,
  divide,
  reshape,
  slice,
  softmax,
  subtract,
  sum,
  takeAlongAxis,
  topK,
  where,
  type Tensor,
} from '../graph/index.js';
import { at } from '../look-up.js';

type Float = Tensor<'float32'>;
type Integer = Tensor<'int32'>;

/** Temperatures below this are arg max. */
const COLDEST = 1e-6;

export interface SamplingInputs {
  /** `[B, V]` */
  readonly logits: Float;
  /** One number in [0, 1) per sequence: `[B]`. */
  readonly uniform: Float;
  /** Scalar; 0 is arg max. */
  readonly temperature: Float;
  /** Scalar: only the likeliest tokens whose probabilities add up to this may be drawn. */
  readonly topP?: Float;
}

/** Token ids `int32 [B]`, the same for the same uniforms. */
export function sampleIds({ logits, uniform, temperature, topP }: SamplingInputs): Integer {
  const [batch = 0] = logits.shape;
  // The largest becomes 0, so that dividing by a small temperature cannot overflow.
  const shifted = subtract(logits, max(logits, [-1]));
  const probabilities = softmax(divide(shifted, maximum(temperature, COLDEST)));
  const drawn = topP === undefined ? draw(probabilities, uniform) : drawNucleus(probabilities, uniform, topP);
  return reshape(where(less(temperature, COLDEST), argMax(logits, 1), drawn), [batch]);
}

/** Inverse of the cumulative distribution of non-negative masses `[B, V]`: indices `[B, 1]`, never one of mass 0. */
function draw(masses: Float, uniform: Float): Integer {
  const [batch, vocabulary] = [at(masses.shape, 0), at(masses.shape, 1)];
  const cumulative = cumulativeSum(masses, 1);
  const total = slice(cumulative, 1, vocabulary - 1, vocabulary); // [B, 1]
  const reached = multiply(reshape(uniform, [batch, 1]), total);
  // Where rounding brings u·total up to the total, the last token that adds to it.
  return minimum(countTrue(lessEqual(cumulative, reached)), countTrue(less(cumulative, total)));
}

/** The same among the smallest set of likeliest tokens that reaches the mass `topP` (Holtzman et al. 2020). */
function drawNucleus(probabilities: Float, uniform: Float, topP: Float): Integer {
  const ranked = topK(probabilities, at(probabilities.shape, 1));
  const sorted = takeAlongAxis(probabilities, ranked, 1);
  const before = subtract(cumulativeSum(sorted, 1), sorted);
  return takeAlongAxis(ranked, draw(where(less(before, topP), sorted, 0), uniform), 1);
}

function countTrue(conditions: Tensor<'bool'>): Integer {
  return sum(cast(conditions, 'int32'), [-1]); // [B, V] -> [B, 1]
}
