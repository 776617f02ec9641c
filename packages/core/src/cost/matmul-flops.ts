// Counts the work of the matrix products in a program as a backend runs it.
import { elementCount, inlineComposites, isOp, simplify, topological, type Program } from '../graph/index.js';
import { at } from '../look-up.js';

/**
 * FLOPs of a program's matrix products: 2·rows·inner·columns summed over every one that is left once composites are inlined
 * and equal nodes merged.
 */
export function matmulFlops({ outputs, next }: Program): number {
  const roots = [...Object.values(outputs), ...Object.values(next)];
  const inlined = inlineComposites(roots);
  const plain = roots.map((node) => inlined.get(node) ?? node);
  const simple = simplify(plain);
  return topological(plain.map((node) => simple.get(node) ?? node))
    .filter((node) => isOp(node, 'matmul'))
    .reduce((total, node) => {
      const inner = at(at(node.inputs, 0).shape, node.attributes.transposeA ? -2 : -1);
      return total + 2 * elementCount(node.shape) * inner;
    }, 0);
}
