// Activation recomputation (Chen et al. 2016, "Training deep nets with sublinear memory cost"): what gradients read of the forward
// pass is computed again from a few saved values, so that nothing else of it has to be kept until then.
import { barrier } from '../graph/build.js';
import { isOp, type Tensor } from '../graph/tensor.js';
import { topological, withReplacedInputs } from '../graph/walk.js';

/** A saved value of the forward pass, and what is there once all that comes after it has been differentiated. */
export interface Saved {
  /** The value. */
  readonly value: Tensor;
  /** Its cotangent, and gradients of what was read between it and the next saved value. */
  readonly after: readonly Tensor[];
}

/**
 * The results with the stretches of the forward pass `forward` (inputs before users) between one saved value and the next computed
 * anew, each when what comes after it is differentiated, in the same ops. `saved` in the order of the forward pass. What comes
 * after the last one, and what depends on none, stays as it is.
 */
export function recomputed(
  results: readonly Tensor[],
  forward: readonly Tensor[],
  saved: readonly Saved[],
): readonly Tensor[] {
  const stretch = stretches(
    forward,
    saved.map(({ value }) => value),
  );
  const earliest = earliestRead(results, new Set(forward), stretch);
  const replaced = new Map<Tensor, Tensor>();
  const of = (node: Tensor): Tensor => replaced.get(node) ?? node;
  const differentiated = new Set<Tensor>();
  /** Rewrites what is not of the forward pass. */
  const rewriteGradients = (roots: readonly Tensor[]): readonly Tensor[] => {
    for (const node of topological(roots, { bodies: true })) {
      if (!earliest.has(node) || differentiated.has(node)) continue;
      differentiated.add(node);
      replaced.set(node, withReplacedInputs(node, of));
    }
    return roots.map(of);
  };
  for (let index = saved.length - 2; index >= 0; index--) {
    const { value } = saved[index] as Saved;
    const { after } = saved[index + 1] as Saved;
    // What itself reads an earlier stretch could never come before it.
    const ready = after.filter((node) => (earliest.get(node) ?? Infinity) > index);
    const again = new Map<Tensor, Tensor>([[value, barrier(value, rewriteGradients(ready))]]);
    for (const node of forward) {
      if (stretch.get(node) === index && node !== value)
        again.set(
          node,
          withReplacedInputs(node, (own) => again.get(own) ?? own),
        );
    }
    for (const [node, copy] of again) replaced.set(node, copy);
  }
  return rewriteGradients(results);
}

/** Of each saved value and of each node between it and the next that depends on it: the saved value's index. */
function stretches(forward: readonly Tensor[], saved: readonly Tensor[]): ReadonlyMap<Tensor, number> {
  const stretch = new Map(saved.map((value, index) => [value, index]));
  const needed = new Set(saved);
  for (const node of [...forward].reverse()) {
    if (needed.has(node)) for (const input of read(node)) needed.add(input);
  }
  for (const node of forward) {
    const from = read(node).flatMap((input) => stretch.get(input) ?? []);
    if (from.length > 0 && needed.has(node) && !stretch.has(node)) stretch.set(node, Math.max(...from));
  }
  return stretch;
}

/** Of each node that is not of the forward pass: the earliest stretch that it or its operands read. */
function earliestRead(
  results: readonly Tensor[],
  forward: ReadonlySet<Tensor>,
  stretch: ReadonlyMap<Tensor, number>,
): ReadonlyMap<Tensor, number> {
  const earliest = new Map<Tensor, number>();
  for (const node of topological(results, { bodies: true })) {
    if (forward.has(node)) continue;
    const own = read(node).map((input) => earliest.get(input) ?? stretch.get(input) ?? Infinity);
    earliest.set(node, Math.min(Infinity, ...own));
  }
  return earliest;
}

function read(node: Tensor): readonly Tensor[] {
  return isOp(node, 'composite') ? [...node.inputs, node.attributes.body] : node.inputs;
}
