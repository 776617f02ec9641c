// Pairs of ops that ONNX has one node for. Found before emission: the inner op of a pair, when nothing else reads it, is
// not emitted by itself.
import { at, present } from '../../look-up.js';
import { elementCount, isOp, sameShape, type Node, type Tensor } from '../../graph/tensor.js';
import type { Emitter } from './emitter.js';
import { emitMatmul, emitScatterInto } from './op-rules.js';

/** One node for a pair: which values it reads and how it is written. */
export interface Fusion {
  readonly operands: readonly Tensor[];
  emit(operands: readonly string[], emit: Emitter): string;
}

export interface Fusions {
  /** By the outer op of the pair. */
  readonly outer: ReadonlyMap<Tensor, Fusion>;
  /** Ops that no longer stand by themselves. */
  readonly inner: ReadonlySet<Tensor>;
}

/** A fusion and the op it swallows. */
type Match = Fusion & { readonly swallowed: Tensor };
type Rule = (node: Tensor, usedOnce: (node: Tensor) => boolean) => Match | undefined;

/** All pairs of a graph given in topological order. */
export function findFusions(order: readonly Tensor[], roots: readonly Tensor[]): Fusions {
  const uses = new Map<Tensor, number>();
  for (const node of [...order.flatMap(({ inputs }) => inputs), ...roots]) uses.set(node, (uses.get(node) ?? 0) + 1);
  const outer = new Map<Tensor, Fusion>();
  const inner = new Set<Tensor>();
  const free = (node: Tensor): boolean => uses.get(node) === 1 && !outer.has(node) && !inner.has(node);
  for (const node of order) {
    for (const rule of rules) {
      const match = outer.has(node) ? undefined : rule(node, free);
      if (match === undefined) continue;
      outer.set(node, match);
      inner.add(match.swallowed);
    }
  }
  return { outer, inner };
}

/** `add(x, scatter…)` scatters onto x and needs no tensor of zeros. */
const scatterOnto: Rule = (node, usedOnce) => {
  for (const [scatter, onto] of bothWays(node, 'add')) {
    if (!(isOp(scatter, 'scatterAdd') || isOp(scatter, 'scatterAddAlongAxis')) || !usedOnce(scatter)) continue;
    if (!sameShape(scatter.shape, onto.shape) || elementCount(onto.shape) === 0) continue;
    return {
      operands: [onto, ...scatter.inputs],
      swallowed: scatter,
      emit: (operands, emit) =>
        emitScatterInto(scatter, present(operands[0], 'what is scattered onto'), operands.slice(1), emit),
    };
  }
  return undefined;
};

/** `add(c, a·b)` of rank 2 is a Gemm that starts from c. */
const addIntoProduct: Rule = (node, usedOnce) => {
  for (const [product, onto] of bothWays(node, 'add')) {
    if (!isOp(product, 'matmul') || !usedOnce(product) || product.shape.length !== 2) continue;
    if (!product.inputs.every(({ shape }) => shape.length === 2) || elementCount(product.shape) === 0) continue;
    if (!sameShape(product.shape, onto.shape) && onto.shape.join() !== String(product.shape[1])) continue;
    return {
      operands: [...product.inputs, onto],
      swallowed: product,
      emit: (operands, emit) => emitMatmul(product, operands, emit, 1),
    };
  }
  return undefined;
};

/** `(a·b) · scalar` is a product with a factor. */
const scaledProduct: Rule = (node, usedOnce) => {
  for (const [product, scale] of bothWays(node, 'multiply')) {
    if (!isOp(product, 'matmul') || !isOp(scale, 'constant') || scale.shape.length > 0 || !usedOnce(product)) continue;
    const factor = at(scale.attributes.values, 0);
    return {
      operands: product.inputs,
      swallowed: product,
      emit: (operands, emit) => emitMatmul(product, operands, emit, factor),
    };
  }
  return undefined;
};

/** `sum(x·x)` is one pass that reads x. */
const sumOfSquares: Rule = (node, usedOnce) => {
  const [square] = node.inputs;
  if (!isOp(node, 'sum') || square === undefined || !isOp(square, 'multiply') || !usedOnce(square)) return undefined;
  const [a, b] = square.inputs;
  const { axes } = node.attributes;
  if (a === undefined || a !== b || axes.length === 0) return undefined;
  return {
    operands: [a],
    swallowed: square,
    emit: (operands, emit) => emit.node('ReduceSumSquare', [...operands, emit.ints(axes)], { keepdims: { int: 1 } }),
  };
};

const rules: readonly Rule[] = [scatterOnto, addIntoProduct, scaledProduct, sumOfSquares];

function bothWays(node: Node, op: 'add' | 'multiply'): readonly (readonly [Tensor, Tensor])[] {
  const [a, b] = node.inputs;
  if (node.op !== op || a === undefined || b === undefined || a === b) return [];
  return [
    [a, b],
    [b, a],
  ];
}
