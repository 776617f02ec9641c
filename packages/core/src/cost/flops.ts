// The work of a shape per token: matrix products only, attention included. A multiplication and an addition are two operations.
import { causalBlocks } from '../graph/composites/attention.js';
import { weightShape, type ModelShape } from '../model/index.js';
import { layersWith } from './parameters.js';

/**
 * FLOPs of one forward pass per token, in sequences of `length` tokens: 2 per element of every matrix and of the output
 * projection `[vocab, hidden]`, and 4·heads·headDim per key that a query is compared with. Looking the embedding up is no
 * product.
 */
export function forwardFlops(model: ModelShape, length: number): number {
  const { family, architecture } = model;
  const { vocab, hidden, heads, headDim } = architecture.sizes;
  const matrices = family
    .weights(architecture)
    .filter(({ kind }) => kind === 'matrix')
    .reduce((total, spec) => total + weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1), 0);
  const attention = layersWith('kvHeads·headDim', model) * 4 * heads * headDim * meanKeys(length);
  return 2 * matrices + 2 * vocab * hidden + attention;
}

/**
 * FLOPs of one training step per token: 3 times the student's forward pass, as the backward pass takes twice as much, and
 * once the teacher's, which reads along.
 */
export function trainFlops(student: ModelShape, length: number, teacher?: ModelShape): number {
  return 3 * forwardFlops(student, length) + (teacher === undefined ? 0 : forwardFlops(teacher, length));
}

/** Keys that a query of causal attention is compared with on average, as it runs: in blocks, each with the keys up to its end. */
export function meanKeys(length: number): number {
  const blocks = causalBlocks(length);
  return (length * (blocks + 1)) / (2 * blocks);
}
