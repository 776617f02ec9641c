// In which order a program's ops run and which values can be let go after each: known when it is compiled, so that a run
// holds no more than it must. Nothing here touches TensorFlow.js.
import {
  elementCount,
  inlineComposites,
  isOp,
  simplify,
  topological,
  type Program,
  type Tensor,
  type TensorType,
} from '@espalier/core/graph';

/** One op, and the values that nothing reads after it. */
export interface Step {
  readonly node: Tensor;
  readonly release: readonly Tensor[];
}

export interface Schedule {
  /** Ops whose value is the same at every run: computed once, in order, kept while `kept` has them. */
  readonly setup: readonly Step[];
  /** Values of the set-up that runs read. */
  readonly kept: ReadonlySet<Tensor>;
  /** Ops of each run, in order. */
  readonly steps: readonly Step[];
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly next: Readonly<Record<string, Tensor>>;
  /** Bytes held at most during a run: state, kept values, values that are still to be read. */
  readonly peakBytes: number;
  /** Bytes of the largest single value. */
  readonly largestBytes: number;
}

/** Above this many elements a value that is one number everywhere is made anew at each run instead of being kept. */
const KEPT_FILL = 1 << 16;

/** Inlines composites, and orders what is left. */
export function schedule(program: Program): Schedule {
  const roots = [...Object.values(program.outputs), ...Object.values(program.next)];
  const inlined = inlineComposites(roots);
  const simple = simplify(roots.map((node) => inlined.get(node) ?? node));
  const final = (node: Tensor): Tensor => {
    const own = inlined.get(node) ?? node;
    return simple.get(own) ?? own;
  };
  const outputs = mapValues(program.outputs, final);
  const next = mapValues(program.next, final);
  const results = new Set([...Object.values(outputs), ...Object.values(next)]);
  const order = topological([...results]);
  const fixed = fixedNodes(order);
  const perRun = order.filter((node) => !fixed.has(node));
  const read = new Set([...perRun.flatMap(({ inputs }) => inputs), ...results]);
  const kept = new Set([...fixed].filter((node) => read.has(node)));
  const setup = withReleases(
    order.filter((node) => fixed.has(node)),
    kept,
  );
  const owned = new Set([...results, ...kept]);
  const steps = withReleases(perRun, new Set([...owned, ...perRun.filter((node) => isOp(node, 'state'))]));
  const held = Object.values(program.states).reduce((total, type) => total + bytesOf(type), 0) + total(kept);
  return {
    setup,
    kept,
    steps,
    outputs,
    next,
    peakBytes: held + peak(steps),
    largestBytes: order.reduce((most, node) => Math.max(most, bytesOf(node)), 0),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Nodes that depend on neither inputs nor state, without fills too large to keep and what is made of them. */
function fixedNodes(order: readonly Tensor[]): Set<Tensor> {
  const fixed = new Set<Tensor>();
  for (const node of order) {
    if (isOp(node, 'input') || isOp(node, 'state')) continue;
    const count = elementCount(node.shape);
    const bloats =
      count > KEPT_FILL &&
      (isOp(node, 'broadcast') || (isOp(node, 'constant') && node.attributes.values.length < count));
    if (!bloats && node.inputs.every((own) => fixed.has(own))) fixed.add(node);
  }
  return fixed;
}

/** Each node with the values that it is the last to read; what is kept is never released. */
function withReleases(nodes: readonly Tensor[], kept: ReadonlySet<Tensor>): readonly Step[] {
  const own = new Set(nodes);
  const lastReader = new Map<Tensor, Tensor>();
  for (const node of nodes) {
    lastReader.set(node, node); // read by nobody: released at once
    for (const read of node.inputs) if (own.has(read)) lastReader.set(read, node);
  }
  const releases = new Map<Tensor, Tensor[]>();
  for (const [node, reader] of lastReader) {
    if (!kept.has(node)) releases.set(reader, [...(releases.get(reader) ?? []), node]);
  }
  return nodes.map((node) => ({ node, release: releases.get(node) ?? [] }));
}

function bytesOf({ shape, dtype }: TensorType): number {
  return elementCount(shape) * (dtype === 'bool' ? 1 : 4);
}

function total(nodes: Iterable<Tensor>): number {
  return [...nodes].reduce((sum, node) => sum + bytesOf(node), 0);
}

/** Most bytes alive after any step; a reshaped value shares its operand's memory, which makes this an upper bound. */
function peak(steps: readonly Step[]): number {
  let [alive, most] = [0, 0];
  for (const { node, release } of steps) {
    if (!isOp(node, 'state')) alive += bytesOf(node);
    most = Math.max(most, alive);
    alive -= total(release);
  }
  return most;
}
