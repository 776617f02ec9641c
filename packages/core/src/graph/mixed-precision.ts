// Mixed precision as a rewriting of a float32 graph: the products are computed in float16, and whatever sums, divides or takes
// exponentials stays in float32. Its gradient, taken afterwards, runs through the casts and so is mixed as well.
import { applyComposite, cast, makeNode } from './build.js';
import { attentionDefinition } from './composites/attention.js';
import { swiGluDefinition } from './composites/activation.js';
import { isOp, type CompositeDefinition, type OpName, type Tensor } from './tensor.js';
import { topological } from './walk.js';

/** Composites whose cost is in products. */
const products: ReadonlySet<CompositeDefinition> = new Set<CompositeDefinition>([attentionDefinition]);
/** Composites that keep the precision of what they get: elementwise, between two products. */
const followers: ReadonlySet<CompositeDefinition> = new Set<CompositeDefinition>([swiGluDefinition]);
const movements: ReadonlySet<OpName> = new Set<OpName>(['reshape', 'transpose', 'slice', 'concat', 'broadcast']);

/**
 * The graph with every float32 `matmul` and attention computed on operands rounded to float16; every node of the roots is mapped to
 * its equal, of the shape and dtype it had. Movements and SwiGLU of what came out of such a product stay in float16 as well. The
 * choice of ops is that of `torch.autocast`: norms, softmax, losses and the residual stream are float32.
 */
export function mixedPrecision(roots: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const replaced = new Map<Tensor, Tensor>();
  const inputsOf = (node: Tensor): readonly Tensor[] => node.inputs.map((input) => replaced.get(input) ?? input);
  // Bodies of composites are left as they are: they must not look past their inputs.
  for (const node of topological(roots)) replaced.set(node, mixed(node, inputsOf(node)));
  return replaced;
}

function mixed(node: Tensor, inputs: readonly Tensor[]): Tensor {
  if (node.dtype === 'float32') {
    if (isProduct(node)) return cast(rebuilt(node, inputs.map(halved)), 'float32');
    const narrow = follows(node) ? inputs.map(beforeCast) : [];
    const halves = narrow.filter((input) => input !== undefined);
    if (narrow.length > 0 && halves.length === narrow.length) return cast(rebuilt(node, halves), 'float32');
  }
  return inputs.every((input, index) => input === node.inputs[index]) ? node : rebuilt(node, inputs);
}

function isProduct(node: Tensor): boolean {
  return isOp(node, 'matmul') || (isOp(node, 'composite') && products.has(node.attributes.definition));
}

function follows(node: Tensor): boolean {
  return movements.has(node.op) || (isOp(node, 'composite') && followers.has(node.attributes.definition));
}

/** A float32 operand as float16: what it was before it was widened, where it was. */
function halved(input: Tensor): Tensor {
  return input.dtype === 'float32' ? (beforeCast(input) ?? cast(input, 'float16')) : input;
}

/** The float16 value that a float32 one was widened from. */
function beforeCast(input: Tensor): Tensor | undefined {
  const [narrow] = input.inputs;
  return isOp(input, 'cast') && narrow?.dtype === 'float16' ? narrow : undefined;
}

/** The node over other operands; a composite gets a body of their dtype. */
function rebuilt(node: Tensor, inputs: readonly Tensor[]): Tensor {
  if (!isOp(node, 'composite')) return makeNode(node.op, inputs, node.attributes, node);
  const { definition, options } = node.attributes;
  return applyComposite(definition, inputs, options);
}
