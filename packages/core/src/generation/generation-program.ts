// One decoding step as a program: the newest token of every sequence in, the next one out, keys and values kept as state; and the
// reading of a prompt, a chunk of tokens at once.
// B sequences, V vocabulary.
import {
  add,
  divide,
  input,
  iota,
  program,
  reshape,
  state,
  sum,
  type Program,
  type Tensor,
  type TensorTypes,
} from '../graph/index.js';
import { runnerWeights, type ModelShape } from '../model/index.js';
import { cachedAttention, cacheTypes, CHUNK, segmentsOf } from './cache.js';
import { sampleIds } from './sampling.js';

/** State with the newest token of every sequence: `int32 [B, 1]`. */
export const newestIds = 'generation/ids';

/** State that is added to the logits: 0 where an id has a token, −10³⁰ where it has none: `float32 [1, V]`. */
export const drawable = 'generation/drawable';

/** What fixes the programs of a generation. */
export interface GenerationShape {
  /** Sequences in a batch. */
  readonly batch: number;
  /** Most tokens a sequence can have. */
  readonly capacity: number;
  /** Whether there is an input `topP`. */
  readonly topP?: boolean;
  /** Whether some ids have no token, so that the state `drawable` keeps them from being drawn. */
  readonly masked?: boolean;
  /** Whether the logits are an output too. */
  readonly logits?: boolean;
}

/** Types of the states beside the weights. */
export function generationStates(
  { architecture }: ModelShape,
  { batch, capacity, masked = false }: GenerationShape,
): TensorTypes {
  return {
    [newestIds]: { shape: [batch, 1], dtype: 'int32' },
    ...(masked ? { [drawable]: { shape: [1, architecture.sizes.vocab], dtype: 'float32' } } : {}),
    ...cacheTypes(architecture, batch, segmentsOf(capacity)),
  };
}

/**
 * One step for B sequences over a runner's state, for a newest token whose 0-based place lies in cache segment `segment`.
 * Inputs: `position` (that place, int32 scalar), `uniform [B]`, `temperature` scalar (0 is arg max) and, if asked for, `topP`
 * scalar. Outputs: `ids int32 [B]`, which also become the newest tokens; `mean [B]` of the logits, finite where all of them are; and, if
 * asked for, `logits [B, V]`.
 */
export function generationProgram(
  shape: ModelShape,
  { batch, capacity, topP = false, masked = false, logits: wanted = false }: GenerationShape,
  segment: number,
): Program {
  const { family, architecture } = shape;
  const position = input('position', [], 'int32');
  const cache: Record<string, Tensor> = {};
  const logits = family.forward(architecture, {
    ids: state(newestIds, [batch, 1], 'int32'),
    weight: runnerWeights(shape),
    positions: reshape(position, [1]),
    attend: cachedAttention(segmentsOf(capacity), segment, position, cache),
  });
  const ids = sampleIds({
    logits: masked ? add(logits, state(drawable, [1, architecture.sizes.vocab], 'float32')) : logits,
    uniform: input('uniform', [batch], 'float32'),
    temperature: input('temperature', [], 'float32'),
    ...(topP ? { topP: input('topP', [], 'float32') } : {}),
  });
  // Divided first: the sum of large finite logits would not be finite.
  const mean = reshape(sum(divide(logits, architecture.sizes.vocab), [-1]), [batch]);
  const next = { ...cache, [newestIds]: reshape(ids, [batch, 1]) };
  return program('generate', { outputs: { ids, mean, ...(wanted ? { logits } : {}) }, next });
}

/**
 * Reads a chunk of every sequence into the cache: `CHUNK` tokens at once, all in segment `segment`. Inputs: `ids int32 [B, CHUNK]` and
 * `position`, the 0-based place of the first. What stands after the end of a prompt is replaced by the steps that come to its place,
 * and no step sees beyond its own.
 */
export function promptProgram(shape: ModelShape, { batch, capacity }: GenerationShape, segment: number): Program {
  const position = input('position', [], 'int32');
  const next: Record<string, Tensor> = {};
  shape.family.forward(shape.architecture, {
    ids: input('ids', [batch, CHUNK], 'int32'),
    weight: runnerWeights(shape),
    positions: add(iota([CHUNK], 0), position),
    attend: cachedAttention(segmentsOf(capacity), segment, position, next),
  });
  return program('prompt', { next });
}
