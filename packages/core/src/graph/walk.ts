// Orders and rebuilds graphs. Every pass over a graph is one of these two walks; both are iterative, since a deep model
// is a longer chain than the call stack.
import { isOp, type Node, type Tensor } from './tensor.js';

const bodyOf = (node: Node): readonly Tensor[] =>
  isOp(node, 'composite') ? [...node.inputs, node.attributes.body] : node.inputs;
const inputsOf = (node: Node): readonly Tensor[] => node.inputs;

/** All nodes the roots need, each once, inputs before users; with `bodies` also those inside composites. */
export function topological(roots: readonly Tensor[], options: { readonly bodies?: boolean } = {}): readonly Tensor[] {
  const children = options.bodies === true ? bodyOf : inputsOf;
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  for (const root of roots) {
    const stack: { readonly node: Tensor; next: number }[] = seen.has(root) ? [] : [{ node: root, next: 0 }];
    seen.add(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = children(top.node)[top.next++];
      if (child === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        stack.push({ node: child, next: 0 });
      }
    }
  }
  return order;
}

/** Rebuilds the graph bottom-up: `visit` gets each node with its inputs already replaced and returns what stands for it. */
export function rewrite(
  roots: readonly Tensor[],
  visit: (node: Tensor, original: Tensor) => Tensor,
): Map<Tensor, Tensor> {
  const replaced = new Map<Tensor, Tensor>();
  const of = (node: Tensor): Tensor => replaced.get(node) ?? node;
  for (const node of topological(roots, { bodies: true })) {
    replaced.set(node, visit(withReplacedInputs(node, of), node));
  }
  return replaced;
}

/** The node over other operands, and a composite over another body. */
export function withReplacedInputs(node: Tensor, of: (node: Tensor) => Tensor): Tensor {
  const inputs = node.inputs.map(of);
  const changed = inputs.some((input, index) => input !== node.inputs[index]);
  if (isOp(node, 'composite')) {
    const body = of(node.attributes.body);
    if (!changed && body === node.attributes.body) return node;
    const attributes = { ...node.attributes, body };
    return { ...node, inputs, attributes };
  }
  return changed ? { ...node, inputs } : node;
}

/** Replaces every composite that `keep` does not want by its body. */
export function inlineComposites(
  roots: readonly Tensor[],
  keep: (node: Node<'composite'>) => boolean = () => false,
): Map<Tensor, Tensor> {
  return rewrite(roots, (node) => (isOp(node, 'composite') && !keep(node) ? node.attributes.body : node));
}
