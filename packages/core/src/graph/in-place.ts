// Which states a program may replace where they lie: no step may read an old value after the new one is written over it.
import type { Program } from './program.js';
import { simplify } from './simplify.js';
import { isOp, sameShape, type Node, type OpName, type Tensor } from './tensor.js';
import { inlineComposites, topological } from './walk.js';
import { at, present } from '../look-up.js';

/** Ops whose value may lie where an operand lies: runtimes copy nothing for them. */
const views: ReadonlySet<OpName> = new Set<OpName>([
  'reshape',
  'stopGradient',
  'barrier',
  'slice',
  'broadcast',
  'cast',
]);

/** Ops that read an element of each operand before they write the element at the same place. */
const elementwise: ReadonlySet<OpName> = new Set<OpName>([
  'negate', 'exp', 'log', 'sqrt', 'rsqrt', 'sigmoid', 'tanh', 'sin', 'cos', 'abs', 'sign', 'relu', 'not',
  'add', 'subtract', 'multiply', 'divide', 'power', 'maximum', 'minimum', 'and', 'or', 'where',
]); // prettier-ignore

/**
 * Names of the states whose next value may be written over the present one, where a runtime runs the composites that `isKernel`
 * names as one step each and the others by their bodies. Without `order` those for which the graph itself says
 * so: whatever reads the old value is needed for the new one, and so comes first in any order. With it, a list of all nodes that
 * are computed in the order in which they are, also those whose readers merely come first in it. The step that writes may read the
 * old value where it reads and writes element by element. A value that is two results, or that is a leaf, is never written in place.
 */
export function statesInPlace(
  program: Program,
  isKernel: (node: Node<'composite'>) => boolean,
  order?: readonly Tensor[],
): ReadonlySet<string> {
  const given = [...Object.values(program.outputs), ...Object.values(program.next)];
  const inlined = inlineComposites(given, isKernel);
  const simple = simplify(given.map((node) => inlined.get(node) ?? node));
  const final = (node: Tensor): Tensor => {
    const own = inlined.get(node) ?? node;
    return simple.get(own) ?? own;
  };
  const results = given.map(final);
  const nodes = topological(results);
  const readers = readersOfStates(nodes);
  const copied = new Map<Tensor, number>();
  for (const node of results) copied.set(node, (copied.get(node) ?? 0) + 1);
  const place = order && new Map(order.map((node, step) => [node, step]));
  const writers = Object.values(program.next).map(final);
  const needed = place === undefined ? neededBy(nodes, writers) : undefined;
  const safe = Object.entries(program.next).flatMap(([name, node], index) => {
    const writer = final(node);
    const { steps, isResult } = readers(name, results);
    if (isResult || writer.inputs.length === 0 || (copied.get(writer) ?? 0) > 1 || views.has(writer.op)) return [];
    const written = place?.get(writer) ?? -1;
    const comesFirst = (step: Tensor): boolean =>
      needed === undefined ? (place?.get(step) ?? Infinity) < written : needed(step, index);
    const safelyRead = (step: Tensor): boolean =>
      step === writer ? overwrites(writer, name) : comesFirst(step) && !mayBeFused(step, writer);
    return steps.every(safelyRead) ? [name] : [];
  });
  return new Set(safe);
}

/** Whether a node is needed for the target of that index, or is the target: one bit for each, handed from users to what they use. */
function neededBy(order: readonly Tensor[], targets: readonly Tensor[]): (node: Tensor, target: number) => boolean {
  const words = Math.ceil(targets.length / 32);
  const bits = new Map(order.map((node) => [node, new Uint32Array(words)]));
  const of = (node: Tensor): Uint32Array => present(bits.get(node), 'the bits of a node');
  targets.forEach((node, index) => {
    of(node)[index >>> 5] = at(of(node), index >>> 5) | (1 << (index & 31));
  });
  for (const node of order.toReversed()) {
    const own = of(node);
    for (const used of node.inputs) {
      const theirs = of(used);
      for (let word = 0; word < words; word++) theirs[word] = at(theirs, word) | at(own, word);
    }
  }
  return (node, target) => ((at(of(node), target >>> 5) >>> (target & 31)) & 1) === 1;
}

/** Whether a step may write over a state that it reads: element by element, at the same places. */
function overwrites(writer: Tensor, name: string): boolean {
  const reads = writer.inputs.filter((own) => isState(own, name));
  const viewed = writer.inputs.filter((own) => views.has(own.op) && topological([own]).some((of) => isState(of, name)));
  // Runtimes make one step of a sum and the product or scatter that is added.
  const fused = writer.op === 'add' && writer.inputs.some(({ op }) => op === 'matmul' || op.startsWith('scatter'));
  return (
    elementwise.has(writer.op) &&
    !fused &&
    viewed.length === 0 &&
    reads.every(({ shape }) => sameShape(shape, writer.shape))
  );
}

/** Whether runtimes may make one step of the writer and what it reads: a product or scatter with what is added to it or times it, squares with their sum. */
function mayBeFused(step: Tensor, writer: Tensor): boolean {
  if (!writer.inputs.includes(step)) return false;
  return step.op === 'matmul' || step.op.startsWith('scatter') || (step.op === 'multiply' && writer.op === 'sum');
}

function isState(node: Tensor, name: string): boolean {
  return isOp(node, 'state') && node.attributes.name === name;
}

interface Readers {
  /** Steps that read it, or a view of it. */
  readonly steps: readonly Tensor[];
  /** Whether it, or a view of it, is a result, which is copied nobody knows when. */
  readonly isResult: boolean;
}

/** Of each state by its name: who reads it. */
function readersOfStates(nodes: readonly Tensor[]): (name: string, results: readonly Tensor[]) => Readers {
  const users = new Map<Tensor, Tensor[]>();
  for (const node of nodes)
    for (const read of new Set(node.inputs)) users.set(read, [...(users.get(read) ?? []), node]);
  const leaves = nodes.filter(({ op }) => op === 'state');
  return (name, results) => {
    const steps = new Set<Tensor>();
    const seen = leaves.filter((node) => isState(node, name));
    for (const node of seen) {
      for (const user of users.get(node) ?? []) {
        steps.add(user);
        if (views.has(user.op) && !seen.includes(user)) seen.push(user);
      }
    }
    return { steps: [...steps], isResult: seen.some((node) => results.includes(node)) };
  };
}
