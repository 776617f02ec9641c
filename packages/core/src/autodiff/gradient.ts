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

/**
 * Gradients of a one-element float `loss` with respect to each tensor of `wrt` (same shapes and dtypes); zeros where the
 * loss does not depend on it. Throws `GraphError` naming the node when the loss is not a float scalar or a `wrt` is not float.
 */
export function gradient(loss: Tensor, wrt: readonly Tensor[]): readonly Tensor<FloatDType>[] {
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
  const active = activeNodes(order, new Set(wrt));
  const pending = new Map<Tensor, Tensor<FloatDType>[]>([[loss, [constant(1, loss.shape, loss.dtype)]]]);
  const total = (node: Tensor): Tensor<FloatDType> | undefined => {
    const parts = pending.get(node) ?? [];
    return parts.length === 0 ? undefined : parts.reduce((a, b) => add(a, b));
  };
  const wanted = new Set(wrt);
  const results = new Map<Tensor, Tensor<FloatDType>>();
  for (const node of [...order].reverse()) {
    const cotangent = active.has(node) ? total(node) : undefined;
    pending.delete(node);
    if (cotangent === undefined) continue;
    if (wanted.has(node)) results.set(node, cotangent);
    for (const { target, value } of cotangents(node, cotangent)) {
      if (!active.has(target)) continue;
      const parts = pending.get(target) ?? [];
      parts.push(unbroadcast(value, target.shape));
      pending.set(target, parts);
    }
  }
  return wrt.map((tensor) => results.get(tensor) ?? zeros(tensor));
}

function zeros(tensor: Tensor): Tensor<FloatDType> {
  if (!isFloatTensor(tensor)) throw new GraphError(`${tensor.dtype} carries no gradient`);
  return zerosLike(tensor);
}

/** Float nodes that depend on one of `wrt`: only they can pass a gradient on. */
function activeNodes(order: readonly Tensor[], wrt: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const active = new Set<Tensor>();
  for (const node of order) {
    const reached =
      node.inputs.some((input) => active.has(input)) || (isOp(node, 'composite') && active.has(node.attributes.body));
    if (wrt.has(node) || (reached && isFloat(node.dtype))) active.add(node);
  }
  return active;
}

/** Sums a cotangent over the axes along which its operand was broadcast. */
function unbroadcast(value: Tensor<FloatDType>, shape: Shape): Tensor<FloatDType> {
  if (sameShape(value.shape, shape)) return value;
  const missing = value.shape.length - shape.length;
  const axes = value.shape.flatMap((size, axis) => {
    const own = axis < missing ? 1 : (shape[axis - missing] ?? 1);
    return own === 1 && (size !== 1 || axis < missing) ? [axis] : [];
  });
  return reshape(sum(value, axes), shape);
}
