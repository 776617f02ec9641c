// What a shape needs in memory: to be served, and to be trained. From the named axes alone; nothing is read or run.
import { storageSizes } from '../formats/index.js';
import type { FloatType } from '../formats/storage-type.js';
import { elementCount } from '../graph/index.js';
import { weightShape, type ModelShape } from '../model/index.js';
import { meanKeys } from './flops.js';
import { layersWith, modelParameters } from './parameters.js';
import { at } from '../look-up.js';

/** Storage types in which weights and cached keys and values are counted: those of checkpoints, and 8-bit ones. */
export type CostStorage = FloatType | 'F8' | 'I8';

/** Bytes of one number. */
export function storageBytes(storage: CostStorage): number {
  return storage === 'F8' ? 1 : storageSizes[storage];
}

/** How a model is used: B sequences of T tokens. */
export interface Workload {
  /** Sequences at a time. */
  readonly batch: number;
  /** Tokens in each. */
  readonly length: number;
}

/** Bytes of all weights in one storage type: parameters · bytes of one. */
export function weightBytes(model: ModelShape, storage: CostStorage): number {
  return modelParameters(model).parameters * storageBytes(storage);
}

/** Bytes of keys and values of every token: 2 · layers with attention · kvHeads · headDim · batch · length numbers. */
export function cacheBytes(model: ModelShape, { batch, length }: Workload, storage: CostStorage): number {
  const { kvHeads, headDim } = model.architecture.sizes;
  return 2 * layersWith('kvHeads·headDim', model) * kvHeads * headDim * batch * length * storageBytes(storage);
}

/** How a model is served. */
export interface Serving extends Workload {
  /** Storage type of the weights. */
  readonly storage: CostStorage;
  /** Storage type of the key/value cache; that of the weights when not given. */
  readonly cacheStorage?: CostStorage;
}

/** Bytes of weights and full key/value cache: the memory budget of a target. Activations of one step are not counted. */
export function servingBytes(model: ModelShape, { storage, cacheStorage = storage, ...workload }: Serving): number {
  return weightBytes(model, storage) + cacheBytes(model, workload, cacheStorage);
}

/** How a student is trained. Weights, gradients and moments are float32. */
export interface TrainingSetup extends Workload {
  /** The model it learns from, kept in memory; absent when it learns from text alone. */
  readonly teacher?: ModelShape;
  /** Whether several batches make a step, which keeps a gradient per parameter between runs. */
  readonly accumulate?: boolean;
  /** Tensors of a parameter's shape that the optimiser keeps: 2 for Adam, which is also what is taken when not given. */
  readonly moments?: number;
  /** Whether a backend updates state where it lies; ONNX Runtime on a CPU keeps a second buffer of each instead. */
  readonly inPlace?: boolean;
  /** What products are computed in, `float32` when not given: `float16` halves what they keep, and nothing else. */
  readonly precision?: 'float32' | 'float16';
}

/** What a training step needs in memory, in bytes by what it is for. */
export interface TrainingBytes {
  /** Parameters and moments, and accumulated gradients: 4·(1 + moments + accumulate) bytes a parameter, twice when not in place. */
  readonly state: number;
  /** One gradient per parameter, alive until clipping has seen all of them; 0 when they are accumulated in `state`. */
  readonly gradients: number;
  /** Float32 weights of a teacher that reads along; 0 without one. */
  readonly teacher: number;
  /**
   * What the forward pass keeps for the backward pass, and the teacher's logits: an estimate, 4 · B · T · the numbers that a
   * decoder keeps per token. With products in float16, 2 instead of 4 for what products keep, and 2 bytes for each weight of a
   * matrix, of which the backward pass reads the rounded copy; norms, residual stream, logits and losses stay float32.
   */
  readonly activations: number;
  /** The sum of the four. */
  readonly total: number;
}

/** Memory of a training step, in bytes. With Adam: 16 bytes a parameter in place with accumulation, 24 swapped without. */
export function trainingBytes(student: ModelShape, setup: TrainingSetup): TrainingBytes {
  const { batch, length, teacher, accumulate = false, moments = 2, inPlace = false, precision = 'float32' } = setup;
  const { parameters } = modelParameters(student);
  const state = 4 * parameters * (1 + moments + (accumulate ? 1 : 0)) * (inPlace ? 1 : 2);
  const gradients = accumulate ? 0 : 4 * parameters;
  const teacherBytes = teacher === undefined ? 0 : weightBytes(teacher, 'F32');
  // The teacher keeps its logits only.
  const logits = teacher?.architecture.sizes.vocab ?? 0;
  const kept = keptPerToken(student, length);
  const activations =
    precision === 'float16'
      ? batch * length * (4 * (kept.float32 + logits) + 2 * kept.products) + 2 * multipliedWeights(student)
      : 4 * batch * length * (kept.float32 + kept.products + logits);
  return {
    state,
    gradients,
    teacher: teacherBytes,
    activations,
    total: state + gradients + teacherBytes + activations,
  };
}

/** Numbers per token that the backward pass reads. */
interface KeptNumbers {
  /** What stays float32 whatever products are computed in. */
  readonly float32: number;
  /** Operands of products, and what SwiGLU makes of their results. */
  readonly products: number;
}

/**
 * By what a block of a decoder keeps: its two inputs and their norms (4·hidden, of which the norms are operands), queries, keys,
 * values and attention output, attention weights over the keys of each block of queries, and the feed-forward block's matrices'
 * outputs and product (one more than there are matrices of that width going up). Logits and their softmax close it.
 */
function keptPerToken(model: ModelShape, length: number): KeptNumbers {
  const { family, architecture } = model;
  const { sizes } = architecture;
  const [attention, feedForward] = [layersWith('kvHeads·headDim', model), layersWith('ffn', model)];
  const up = family
    .weights(architecture)
    .filter(({ axes, kind }) => kind === 'matrix' && axes[0] === 'ffn')
    .reduce((total, spec) => total + at(weightShape(spec, sizes), 0), 0);
  const perAttention =
    sizes.hidden + (2 * sizes.heads + 2 * sizes.kvHeads) * sizes.headDim + sizes.heads * meanKeys(length);
  return {
    float32: (attention + feedForward + 1) * sizes.hidden + 2 * sizes.vocab,
    products: attention * perAttention + feedForward * (sizes.hidden + sizes.ffn) + up + sizes.hidden,
  };
}

/** Weights that activations are multiplied by: the matrices of the blocks and the output matrix, which may be the embedding. */
function multipliedWeights({ family, architecture }: ModelShape): number {
  const { vocab, hidden } = architecture.sizes;
  return family
    .weights(architecture)
    .filter(({ kind }) => kind === 'matrix')
    .reduce((total, spec) => total + elementCount(weightShape(spec, architecture.sizes)), vocab * hidden);
}
