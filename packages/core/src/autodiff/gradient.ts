// Reverse-mode differentiation, graph to graph: one walk from the loss to its leaves. Accumulation and un-broadcasting
// happen here and nowhere else, so that a rule in `gradient-rules.ts` is one expression.
import { add, reshape, sum, zerosLike, constant } from '../graph/build.js';
import { printNode } from '../graph/print.js';
import { GraphError } from '../graph/shape-rules.js';
import {
  describeType,
  elementCount,
  isFloat,
  isFloatTensor,
  isOp,
  sameShape,
  type FloatDType,
  type Shape,
  type Tensor,
} from '../graph/tensor.js';
import { topological } from '../graph/walk.js';
import { cotangents } from './gradient-rules.js';
import { recomputed, type Saved } from './recompute.js';
import { at } from '../look-up.js';

/**
 * Gradients of a one-element float `loss` with respect to each tensor of `wrt` (same shapes and dtypes); zeros where the
 * loss does not depend on it. Inputs and states of one name are one variable, however often they were made. With `recompute`, values
 * of the forward pass in its order, what lies between two of them is computed anew when it is differentiated, in the same ops: of
 * all that, only these values are kept until then. Throws
 * `GraphError` naming the node when the loss is not a float scalar or a `wrt` is not float.
 */
export function gradient(
  loss: Tensor,
  wrt: readonly Tensor[],
  { recompute = [] }: { readonly recompute?: readonly Tensor[] } = {},
): readonly Tensor<FloatDType>[] {
  if (!isFloat(loss.dtype) || elementCount(loss.shape) !== 1) {
    throw new GraphError(`gradient of ${printNode(loss, describeType)}: the loss must be one float number`);
  }
  for (const tensor of wrt) {
    if (isFloat(tensor.dtype)) continue;
    throw new GraphError(
      `gradient with respect to ${printNode(tensor, describeType)}: ${tensor.dtype} carries no gradient`,
    );
  }
  const order = topological([loss], { bodies: true });
  const variableOf = variables(wrt);
  const active = activeNodes(order, (node) => variableOf(node) !== undefined);
  const pending = new Map<Tensor, Tensor<FloatDType>>([[loss, constant(1, loss.shape, loss.dtype)]]);
  const results = new Map<Tensor, Tensor<FloatDType>>();
  const kept = new Set(recompute);
  const saved: Saved[] = [];
  let since = new Map<Tensor, Tensor<FloatDType>>();
  for (const node of [...order].reverse()) {
    const cotangent = active.has(node) ? pending.get(node) : undefined;
    pending.delete(node);
    if (kept.has(node)) {
      saved.unshift({ value: node, after: [...(cotangent === undefined ? [] : [cotangent]), ...since.values()] });
      since = new Map();
    }
    if (cotangent === undefined) continue;
    const variable = variableOf(node);
    if (variable !== undefined) accumulate(results, variable, cotangent);
    for (const { target, value } of cotangents(node, cotangent)) {
      if (!active.has(target)) continue;
      const total = accumulate(pending, target, unbroadcast(value, target.shape));
      if (variableOf(target) !== undefined) since.set(target, total);
    }
  }
  const gradients = wrt.map((tensor) => results.get(variableOf(tensor) ?? tensor) ?? zeros(tensor));
  return saved.length < 2 ? gradients : recomputed(gradients, order, saved).map(float);
}

function accumulate(
  totals: Map<Tensor, Tensor<FloatDType>>,
  key: Tensor,
  value: Tensor<FloatDType>,
): Tensor<FloatDType> {
  const known = totals.get(key);
  const total = known === undefined ? value : add(known, value);
  totals.set(key, total);
  return total;
}

/** Which of the tensors to differentiate in a node is, if any: itself, or a leaf of its kind, name and type. */
function variables(wrt: readonly Tensor[]): (node: Tensor) => Tensor | undefined {
  const nodes = new Set(wrt);
  const leaves = new Map<string, Tensor>();
  for (const tensor of wrt) {
    const text = leafText(tensor);
    if (text !== undefined && !leaves.has(text)) leaves.set(text, tensor);
  }
  return (node) => {
    const text = leafText(node);
    return text === undefined ? (nodes.has(node) ? node : undefined) : leaves.get(text);
  };
}

function leafText(node: Tensor): string | undefined {
  return node.op === 'input' || node.op === 'state' ? printNode(node, describeType) : undefined;
}

function zeros(tensor: Tensor): Tensor<FloatDType> {
  return zerosLike(float(tensor));
}

function float(tensor: Tensor): Tensor<FloatDType> {
  if (!isFloatTensor(tensor)) throw new GraphError(`${tensor.dtype} carries no gradient`);
  return tensor;
}

/** Float nodes that depend on a wanted one: only they can pass a gradient on. */
function activeNodes(order: readonly Tensor[], wanted: (node: Tensor) => boolean): ReadonlySet<Tensor> {
  const active = new Set<Tensor>();
  for (const node of order) {
    const reached =
      node.inputs.some((input) => active.has(input)) || (isOp(node, 'composite') && active.has(node.attributes.body));
    if (wanted(node) || (reached && isFloat(node.dtype))) active.add(node);
  }
  return active;
}

/** Sums a cotangent over the axes along which its operand was broadcast. */
function unbroadcast(value: Tensor<FloatDType>, shape: Shape): Tensor<FloatDType> {
  if (sameShape(value.shape, shape)) return value;
  const missing = value.shape.length - shape.length;
  const axes = value.shape.flatMap((size, axis) => {
    const own = axis < missing ? 1 : at(shape, axis - missing);
    return own === 1 && (size !== 1 || axis < missing) ? [axis] : [];
  });
  return reshape(sum(value, axes), shape);
}
