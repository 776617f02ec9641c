// What a program holds at its worst moment: the live ranges of its values in the order in which ONNX Runtime computes them.
import { findFusions } from '../formats/onnx/peepholes.js';
import {
  elementCount,
  inlineComposites,
  isOp,
  layerNormDefinition,
  rmsNormDefinition,
  rotaryDefinition,
  siluDefinition,
  simplify,
  statesInPlace,
  topological,
  type CompositeDefinition,
  type Node,
  type OpName,
  type Program,
  type Tensor,
} from '../graph/index.js';
import { present } from '../look-up.js';

/** States that a program looks rows up in and reads in no other way. */
export function tablesOf(program: Program): ReadonlySet<string> {
  const nodes = topological([...Object.values(program.outputs), ...Object.values(program.next)]);
  const isTable = (node: Tensor, place: number): boolean => node.op === 'gather' && place === 0;
  const read = new Set(nodes.flatMap((node) => node.inputs.filter((_, place) => !isTable(node, place))));
  return new Set(nodes.flatMap((node) => (isOp(node, 'state') && !read.has(node) ? [node.attributes.name] : [])));
}

/** Bytes that a run of a program takes. */
export interface ProgramBytes {
  /** Its state. */
  readonly state: number;
  /** The next values of state that are written beside the present ones; the others replace them where they lie. */
  readonly next: number;
  /** Values that are the same in every run, and kept. */
  readonly fixed: number;
  /** Values of a run, at the worst moment. */
  readonly values: number;
}

const sizes = { float32: 4, float16: 2, int32: 4, bool: 1 } as const;

/** Ops that give their operand's memory another shape or name. */
const views: ReadonlySet<OpName> = new Set<OpName>(['reshape', 'stopGradient']);
/** Ops whose result may take the place of an operand of its size that nothing reads afterwards. */
const replacing: ReadonlySet<OpName> = new Set<OpName>([
  'add', 'subtract', 'multiply', 'divide', 'negate', 'exp', 'log', 'sqrt', 'sigmoid', 'tanh', 'abs', 'relu', 'softmax',
]); // prettier-ignore
const kernels: ReadonlySet<CompositeDefinition> = new Set<CompositeDefinition>([
  siluDefinition,
  rmsNormDefinition,
  layerNormDefinition,
  rotaryDefinition,
]);

/**
 * Counts them. Composites that ONNX Runtime has kernels for are one step each, and pairs that it fuses too. States that are `stored` in another type
 * become float32 when they are first used, but for the table that rows are looked up in.
 */
export function programBytes(program: Program, stored: (state: string) => boolean = () => false): ProgramBytes {
  const given = [...Object.values(program.outputs), ...Object.values(program.next)];
  const isKernel = ({ attributes }: Node<'composite'>): boolean => kernels.has(attributes.definition);
  const inlined = inlineComposites(given, isKernel);
  const simple = simplify(given.map((node) => inlined.get(node) ?? node));
  const roots = given.map((node) => {
    const own = inlined.get(node) ?? node;
    return simple.get(own) ?? own;
  });
  const nodes = topological(roots);
  const { inner, outer } = findFusions(nodes, roots);
  const isStored = (node: Tensor | undefined): boolean =>
    node !== undefined && isOp(node, 'state') && stored(node.attributes.name);
  const reads = (node: Tensor): readonly Tensor[] => {
    const operands = outer.get(node)?.operands ?? node.inputs;
    return node.op === 'gather' && isStored(operands[0]) ? operands.slice(1) : operands;
  };
  const read = new Set([...nodes.filter((node) => !inner.has(node)).flatMap((node) => reads(node)), ...roots]);
  const order = lastFirst(
    nodes.filter((node) => !inner.has(node) && (!isStored(node) || read.has(node))),
    reads,
    isStored,
  );
  const fixed = fixedNodes(order, reads);
  const written = new Set(roots);
  const replaced = statesInPlace(program, isKernel);
  const fixedRead = new Set(order.filter((node) => !fixed.has(node)).flatMap((node) => reads(node)));
  return {
    state: Object.values(program.states).reduce((total, own) => total + bytesOf(own), 0),
    next: Object.entries(program.next).reduce(
      (total, [name, own]) => total + (replaced.has(name) ? 0 : bytesOf(own)),
      0,
    ),
    fixed: [...fixed].reduce((total, node) => total + (fixedRead.has(node) ? bytesOf(node) : 0), 0),
    values: peak(
      order.filter((node) => !fixed.has(node)),
      reads,
      (node) => fixed.has(node) || written.has(node) || (node.op === 'state' && !isStored(node)) || node.op === 'input',
      (node) => replacing.has(node.op) && !outer.has(node),
    ),
  };
}

function bytesOf({ shape, dtype }: Pick<Node, 'shape' | 'dtype'>): number {
  return elementCount(shape) * sizes[dtype];
}

/** ONNX Runtime's order: what the last result needs first, of operands the last in the order of need first. */
function lastFirst(
  nodes: readonly Tensor[],
  reads: (node: Tensor) => readonly Tensor[],
  begins: (node: Tensor) => boolean,
): readonly Tensor[] {
  // What is stored stands before all else in the model.
  const place = new Map(nodes.map((node, index) => [node, begins(node) ? -1 : index]));
  const used = new Set(nodes.flatMap((node) => reads(node)));
  const index = (node: Tensor): number => present(place.get(node), 'the place of a step');
  const stack = nodes.filter((node) => !used.has(node)).map((node) => ({ node, done: false }));
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, done } = top;
    if (done) order.push(node);
    if (done || seen.has(node)) continue;
    seen.add(node);
    stack.push({ node, done: true });
    const next = [...new Set(reads(node))].filter((own) => !seen.has(own)).sort((a, b) => index(a) - index(b));
    stack.push(...next.map((own) => ({ node: own, done: false })));
  }
  return order;
}

/** What depends on neither inputs nor state. */
function fixedNodes(order: readonly Tensor[], reads: (node: Tensor) => readonly Tensor[]): ReadonlySet<Tensor> {
  const fixed = new Set<Tensor>();
  for (const node of order) {
    if (node.op !== 'input' && node.op !== 'state' && reads(node).every((own) => fixed.has(own))) fixed.add(node);
  }
  return fixed;
}

function peak(
  order: readonly Tensor[],
  reads: (node: Tensor) => readonly Tensor[],
  elsewhere: (node: Tensor) => boolean,
  replaces: (node: Tensor) => boolean,
): number {
  /** What a value lies in: itself, or what it is a view of. */
  const home = new Map<Tensor, Tensor>();
  const homeOf = (node: Tensor): Tensor => home.get(node) ?? node;
  const isView = (node: Tensor): boolean => views.has(node.op) || (node.op === 'barrier' && node.inputs.length === 1);
  for (const node of order) {
    const [x] = node.inputs;
    if (x !== undefined && isView(node) && !elsewhere(node)) home.set(node, homeOf(x));
  }
  const last = new Map<Tensor, number>();
  for (const [step, node] of order.entries()) for (const own of [node, ...reads(node)]) last.set(homeOf(own), step);
  let [alive, most] = [0, 0];
  for (const [step, node] of order.entries()) {
    const dying = [...new Set([node, ...reads(node)].map(homeOf))].filter(
      (own) => last.get(own) === step && !elsewhere(own),
    );
    const size = home.has(node) || elsewhere(node) ? 0 : bytesOf(node);
    const replaced = replaces(node) && dying.some((own) => own !== node && bytesOf(own) === size);
    most = Math.max(most, alive + (replaced ? 0 : size));
    alive += size - dying.reduce((total, own) => total + bytesOf(own), 0);
  }
  return most;
}
