// Makes a graph smaller without changing what it means: constants folded, identities dropped, equal nodes merged.
// Nodes nobody needs vanish by themselves, since a graph is what its roots reach.
import { isConstant, makeNode } from './build.js';
import { evaluateNode } from './evaluate.js';
import { printNode } from './print.js';
import { elementCount, isFloat, isOp, sameShape, type Node, type Tensor } from './tensor.js';
import { rewrite, topological } from './walk.js';
import { at } from '../look-up.js';

/** Larger constants are left to the backend: their values would bloat the program. */
const FOLDED_ELEMENTS = 4096;

/** Maps every node of the graph to its simpler equal: exact but for the sign of zeros and the rounding of merged factors. */
export function simplify(roots: readonly Tensor[]): Map<Tensor, Tensor> {
  const byText = new Map<string, Tensor>();
  const numbers = new Map<Tensor, number>();
  const nameOf = (node: Tensor): string => {
    const number = numbers.get(node) ?? numbers.size;
    numbers.set(node, number);
    return `%${number}`;
  };
  const boundaries = compositeInputs(roots);
  const opaque = new Set<Tensor>();
  return rewrite(roots, (node, original) => {
    const simple = foldConstant(dropIdentities(node, (operand) => !opaque.has(operand)));
    // Name and options do not tell two composites apart when different plugins chose them: the body does.
    const body = isOp(simple, 'composite') ? nameOf(simple.attributes.body) : '';
    const text = `${printNode(simple, nameOf)}${body}`;
    const known = byText.get(text) ?? simple;
    byText.set(text, known);
    if (boundaries.has(original)) opaque.add(known);
    return known;
  });
}

/**
 * What composites are applied to. Nobody may simplify by looking at how these were computed: a body that did would reach
 * past the composite's inputs, and could no longer be run as one kernel.
 */
function compositeInputs(roots: readonly Tensor[]): ReadonlySet<Tensor> {
  const nodes = topological(roots, { bodies: true });
  return new Set(nodes.flatMap((node) => (isOp(node, 'composite') ? node.inputs : [])));
}

function foldConstant(node: Tensor): Tensor {
  const count = elementCount(node.shape);
  if (isOp(node, 'composite')) return isOp(node.attributes.body, 'constant') ? node.attributes.body : node;
  if (node.inputs.length === 0) return node;
  if (count > FOLDED_ELEMENTS || !node.inputs.every((input) => isOp(input, 'constant'))) return node;
  if (node.inputs.some((input) => elementCount(input.shape) > FOLDED_ELEMENTS)) return node;
  const inputs = node.inputs.map((input) => evaluateNode(input, []));
  const values = Array.from(evaluateNode(node, inputs));
  const [first = 0] = values;
  const uniform = values.every((value) => Object.is(value, first));
  return makeNode('constant', [], { values: uniform ? [first] : values }, node);
}

/** Rewrites until nothing applies: what one rewrite makes may be what another drops. */
function dropIdentities(node: Tensor, open: (operand: Tensor) => boolean): Tensor {
  let [before, after] = [node, dropIdentity(node, open)];
  while (after !== before) [before, after] = [after, dropIdentity(after, open)];
  return after;
}

/**
 * The operand itself when the node changes nothing; nothing here may turn NaN or infinity into a number. `open` says
 * whether an operand may be looked into.
 */
function dropIdentity(node: Tensor, open: (operand: Tensor) => boolean): Tensor {
  const [a, b] = node.inputs;
  if (a === undefined) return node;
  const same = sameShape(a.shape, node.shape) && a.dtype === node.dtype;
  switch (node.op) {
    case 'add':
      if (b !== undefined && isConstant(a, 0) && sameShape(b.shape, node.shape)) return b;
      return b !== undefined && isConstant(b, 0) && same ? a : node;
    case 'multiply':
      if (b !== undefined && isConstant(a, 1) && sameShape(b.shape, node.shape)) return b;
      return b !== undefined && isConstant(b, 1) && same ? a : open(a) ? mergeScales(node, a, b) : node;
    case 'subtract':
      return b !== undefined && isConstant(b, 0) && same ? a : node;
    case 'divide':
      return b !== undefined && isConstant(b, 1) && same ? a : node;
    case 'negate':
      return isOp(a, 'negate') && open(a) ? (a.inputs[0] ?? node) : node;
    case 'cast':
      return same ? a : dropDetour(node, a, open);
    case 'broadcast':
    case 'slice':
    case 'pad':
      return same ? a : node;
    case 'reshape':
      if (same) return a;
      return isOp(a, 'reshape') && open(a) && a.inputs[0] !== undefined ? { ...node, inputs: [a.inputs[0]] } : node;
    case 'transpose':
      return dropTranspose(node, a, open);
    case 'where':
      return takeBranch(node, a);
    case 'concat':
      return node.inputs.length === 1 ? a : node;
    case 'sum':
      return isOp(node, 'sum') && node.attributes.axes.every((axis) => a.shape[axis] === 1) ? a : node;
    case 'matmul':
      // Sums of no terms, which ONNX Runtime's batched products leave unwritten.
      return elementCount(a.shape) === 0
        ? makeNode('constant', [], { values: [0] }, node)
        : absorbTransposes(node, open);
    default:
      return node;
  }
}

/** float16 as float32 and back is what it was. */
function dropDetour(node: Tensor, a: Tensor, open: (operand: Tensor) => boolean): Tensor {
  const [narrow] = a.inputs;
  return isOp(a, 'cast') && open(a) && narrow?.dtype === 'float16' && node.dtype === 'float16' && a.dtype === 'float32'
    ? narrow
    : node;
}

/** Magnitudes that a dtype holds at full precision. */
const NORMAL_RANGES = { float32: [2 ** -126, 2 ** 127], float16: [2 ** -14, 2 ** 15] } as const;

/** (x · c) · d = x · (c · d) for scalar constants, unless c · d overflows or vanishes where x · c would not. */
function mergeScales(node: Tensor, a: Tensor, b: Tensor | undefined): Tensor {
  const [x, c] = a.inputs;
  if (b === undefined || x === undefined || c === undefined || a.op !== 'multiply' || !isFloat(node.dtype)) return node;
  if (!isOp(b, 'constant') || !isOp(c, 'constant') || b.shape.length > 0 || c.shape.length > 0) return node;
  const scale = at(b.attributes.values, 0) * at(c.attributes.values, 0);
  const [smallest, largest] = NORMAL_RANGES[node.dtype];
  if (!(Math.abs(scale) >= smallest && Math.abs(scale) <= largest)) return node;
  return { ...node, inputs: [x, makeNode('constant', [], { values: [scale] }, b)] };
}

/** One branch where the condition is known and the same everywhere. */
function takeBranch(node: Tensor, condition: Tensor): Tensor {
  const branch = isConstant(condition, 1) ? node.inputs[1] : isConstant(condition, 0) ? node.inputs[2] : undefined;
  return branch !== undefined && sameShape(branch.shape, node.shape) ? branch : node;
}

function dropTranspose(node: Tensor, a: Tensor, open: (operand: Tensor) => boolean): Tensor {
  if (!isOp(node, 'transpose')) return node;
  const { permutation } = node.attributes;
  if (permutation.every((axis, index) => axis === index)) return a;
  if (movesNothing(node, a)) return makeNode('reshape', [a], { shape: node.shape });
  const [inner] = a.inputs;
  if (!isOp(a, 'transpose') || !open(a) || inner === undefined) return node;
  const combined = permutation.map((axis) => at(a.attributes.permutation, axis));
  return combined.every((axis, index) => axis === index)
    ? inner
    : makeNode('transpose', [inner], { permutation: combined });
}

/** Whether only axes of size 1 change places: no element moves. What a matrix product absorbs stays a transpose. */
function movesNothing(node: Node<'transpose'>, a: Tensor): boolean {
  const long = node.attributes.permutation.filter((axis) => a.shape[axis] !== 1);
  const ordered = long.every((axis, index) => index === 0 || axis > at(long, index - 1));
  return ordered && withoutMatrixTranspose(node) === undefined;
}

/** A transpose of the last two axes costs nothing inside a matrix product. */
function absorbTransposes(node: Tensor, open: (operand: Tensor) => boolean): Tensor {
  if (!isOp(node, 'matmul')) return node;
  const [a, b] = node.inputs.map((input) => ({ input, bare: open(input) ? withoutMatrixTranspose(input) : undefined }));
  if (a === undefined || b === undefined || (a.bare === undefined && b.bare === undefined)) return node;
  const attributes = {
    transposeA: node.attributes.transposeA !== (a.bare !== undefined),
    transposeB: node.attributes.transposeB !== (b.bare !== undefined),
  };
  return makeNode('matmul', [a.bare ?? a.input, b.bare ?? b.input], attributes);
}

function withoutMatrixTranspose(node: Tensor): Tensor | undefined {
  if (!isOp(node, 'transpose')) return undefined;
  const { permutation } = node.attributes;
  const rank = permutation.length;
  const swapped = permutation.map((_, axis) => (axis === rank - 2 ? rank - 1 : axis === rank - 1 ? rank - 2 : axis));
  return permutation.every((axis, index) => axis === swapped[index]) ? node.inputs[0] : undefined;
}
