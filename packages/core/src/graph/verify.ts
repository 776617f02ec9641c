// Checks a finished graph by the rules it was built with. Run after every transform in tests, and once per compile.
import { describeType, isOp, sameShape, type Tensor } from './tensor.js';
import { expectedType, GraphError } from './shape-rules.js';
import { printNode } from './print.js';
import { topological } from './walk.js';

/** Throws `GraphError` when a node's type is not what its op gives, or a composite's body reaches past its inputs. */
export function verify(roots: readonly Tensor[]): void {
  for (const node of topological(roots, { bodies: true })) {
    const expected = expectedType(node);
    if (!sameShape(expected.shape, node.shape) || expected.dtype !== node.dtype) {
      const line = printNode(node, describeType);
      throw new GraphError(`${line} should be ${describeType(expected)}`);
    }
    if (isOp(node, 'composite')) verifyBody(node.inputs, node.attributes.body, node.attributes.definition.name);
  }
}

function verifyBody(inputs: readonly Tensor[], body: Tensor, name: string): void {
  const allowed = new Set(inputs);
  const seen = new Set<Tensor>();
  const pending: Tensor[] = [body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (allowed.has(node) || seen.has(node)) continue;
    seen.add(node);
    if (node.op === 'input' || node.op === 'state') {
      throw new GraphError(`the body of ${name} reads ${node.op} directly; pass it as an input of the composite`);
    }
    pending.push(...node.inputs);
  }
}
