// A whole program as one ONNX model: inputs and states come in, outputs and next states go out, under prefixed names.
import { InternalError } from '../../errors.js';
import { present } from '../../look-up.js';
import type { Program, TensorTypes } from '../../graph/program.js';
import {
  elementCount,
  isOp,
  type CompositeDefinition,
  type Node,
  type OpName,
  type Tensor,
} from '../../graph/tensor.js';
import { inlineComposites, topological } from '../../graph/walk.js';
import { simplify } from '../../graph/simplify.js';
import { createCollector, type Emitter } from './emitter.js';
import { emitOp } from './op-rules.js';
import { findFusions } from './peepholes.js';
import type { StorageType } from '../../backend/index.js';
import { encodeOnnx, type OnnxInputDType, type OnnxNode, type OnnxValue } from './schema.js';

/** A runtime's kernel for one composite. */
export interface CompositeLowering {
  /** Whether the kernel can run this call; if not, the composite is inlined. */
  accepts(node: Node<'composite'>): boolean;
  /** Writes the call and returns the name of its value. */
  lower(node: Node<'composite'>, operands: readonly string[], emit: Emitter): string;
}

/** Writes one op from the names of its operands. */
export type OpLowering = (node: Tensor, operands: readonly string[], emit: Emitter) => string;

/** What a runtime has beyond the standard ops. */
export interface OnnxTarget {
  /** Kernels for composites, by definition (two packages may use one name); all other composites are inlined. */
  readonly composites?: Pick<ReadonlyMap<CompositeDefinition, CompositeLowering>, 'get'>;
  /** Other ways to write single ops, for a runtime whose kernels for them are not right. */
  readonly ops?: Readonly<Partial<Record<OpName, OpLowering>>>;
  /** Whether batched products are written without the domain op that reads transposed operands, for a runtime that lacks it. */
  readonly plainProducts?: boolean;
}

/** TensorProto.FLOAT. */
const FLOAT32 = 1;

/** The names under which a model's values are fed and fetched. */
export const onnxNames = {
  /** Of a program's input. */
  input: (name: string): string => `in:${name}`,
  /** Of the value that a state has before the run. */
  state: (name: string): string => `state:${name}`,
  /** Of a program's output. */
  output: (name: string): string => `out:${name}`,
  /** Of the value that a state has after the run. */
  next: (name: string): string => `next:${name}`,
};

/** The element type of a model's input that is fed as it is stored. */
const storedDType: { readonly [T in StorageType]: OnnxInputDType } = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

/**
 * Serialises a program as an ONNX model (protobuf bytes; IR version 10, opset 21); a composite without a kernel in `target` is
 * inlined. The states of `stored` are fed in the type that they are stored in, and made float32 where they are used.
 */
export function programToOnnx(
  program: Program,
  target: OnnxTarget = {},
  stored: ReadonlyMap<string, StorageType> = new Map(),
): Uint8Array {
  const lowering = (node: Tensor) =>
    isOp(node, 'composite') ? target.composites?.get(node.attributes.definition) : undefined;
  const results = [
    ...Object.entries(program.outputs).map(([name, node]) => ({ name: onnxNames.output(name), node })),
    ...Object.entries(program.next).map(([name, node]) => ({ name: onnxNames.next(name), node })),
  ];
  const roots = results.map(({ node }) => node);
  const inlined = inlineComposites(roots, (node) => lowering(node)?.accepts(node) === true);
  const simple = simplify(roots.map((node) => inlined.get(node) ?? node));
  const final = (node: Tensor): Tensor => {
    const own = inlined.get(node) ?? node;
    return simple.get(own) ?? own;
  };
  const collector = createCollector(target.plainProducts);
  const values = emitAll(roots.map(final), collector, target.ops ?? {}, stored, (node, operands) =>
    lowering(node)?.lower(node, operands, collector),
  );
  const nodes = nameResults(
    castsFirst(collector.nodes, new Set([...stored.keys()].map(onnxNames.state))),
    results.map(({ name, node }) => ({ name, value: present(values.get(final(node)), `the value of result ${name}`) })),
  );
  return encodeOnnx({
    name: program.name,
    nodes,
    initializers: collector.initializers,
    inputs: [...leafValues(program.inputs, onnxNames.input), ...stateValues(program.states, stored)],
    outputs: results.map(({ name, node }) => ({ name, dtype: node.dtype, shape: node.shape })),
  });
}

/**
 * ONNX Runtime computes of a node's operands first the one that stands last in the model: a stored weight that stands before all else becomes
 * float32 when what it is multiplied with is there, and not before.
 */
function castsFirst(nodes: readonly OnnxNode[], stored: ReadonlySet<string>): readonly OnnxNode[] {
  const isCast = ({ opType, inputs }: OnnxNode): boolean => opType === 'Cast' && inputs.every((own) => stored.has(own));
  return [...nodes.filter(isCast), ...nodes.filter((own) => !isCast(own))];
}

function leafValues(types: TensorTypes, rename: (name: string) => string): readonly OnnxValue[] {
  return Object.entries(types).map(([name, { dtype, shape }]) => ({ name: rename(name), dtype, shape }));
}

function stateValues(
  states: TensorTypes,
  stored: ReadonlyMap<string, StorageType>,
): readonly OnnxValue<OnnxInputDType>[] {
  return Object.entries(states).map(([name, { dtype, shape }]) => {
    const type = stored.get(name);
    return { name: onnxNames.state(name), dtype: type === undefined ? dtype : storedDType[type], shape };
  });
}

function emitAll(
  roots: readonly Tensor[],
  emit: Emitter,
  ops: NonNullable<OnnxTarget['ops']>,
  stored: ReadonlyMap<string, StorageType>,
  lower: (node: Node<'composite'>, operands: readonly string[]) => string | undefined,
): ReadonlyMap<Tensor, string> {
  const order = topological(roots);
  const values = new Map<Tensor, string>();
  const fusions = findFusions(order, roots);
  const isStored = (node: Tensor | undefined): node is Node<'state'> =>
    node !== undefined && isOp(node, 'state') && (stored.get(node.attributes.name) ?? 'F32') !== 'F32';
  const nameOf = (node: Tensor): string => {
    // At its first use, so that no more is float32 at a time than must be.
    if (isStored(node) && !values.has(node)) {
      values.set(node, emit.node('Cast', [onnxNames.state(node.attributes.name)], { to: { int: FLOAT32 } }));
    }
    return present(values.get(node), `the value of an operand, a ${node.op},`);
  };
  for (const node of order) {
    if (fusions.inner.has(node)) continue;
    const fusion = fusions.outer.get(node);
    if (isOp(node, 'input')) values.set(node, onnxNames.input(node.attributes.name));
    else if (isStored(node)) continue;
    else if (isOp(node, 'state')) values.set(node, onnxNames.state(node.attributes.name));
    // Rows of a table are looked up as they are stored: the whole table is never made float32.
    else if (isOp(node, 'gather') && isStored(node.inputs[0])) {
      const [table, ...rest] = node.inputs;
      const rows = emitOp(node, [onnxNames.state(table.attributes.name), ...rest.map(nameOf)], emit);
      values.set(node, emit.node('Cast', [rows], { to: { int: FLOAT32 } }));
    }
    // Nothing to compute, and some kernels (TopK) crash on tensors without elements.
    else if (elementCount(node.shape) === 0) values.set(node, emit.constant([], node.shape, node.dtype));
    else if (isOp(node, 'composite'))
      values.set(node, present(lower(node, node.inputs.map(nameOf)), 'the kernel of a composite'));
    else if (fusion !== undefined) values.set(node, fusion.emit(fusion.operands.map(nameOf), emit));
    else values.set(node, (ops[node.op] ?? emitOp)(node, node.inputs.map(nameOf), emit));
  }
  for (const root of roots) nameOf(root);
  for (const [node, name] of values) if (name === '') throw new InternalError(`the value of ${node.op} has no name`);
  return values;
}

/** Renames the values that are results; a leaf, constant or twice-used value is copied under its result name instead. */
function nameResults(
  nodes: readonly OnnxNode[],
  results: readonly { readonly name: string; readonly value: string }[],
): readonly OnnxNode[] {
  const produced = new Set(nodes.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const { name, value } of results) {
    if (produced.has(value) && !renamed.has(value)) renamed.set(value, name);
    else
      copies.push({
        opType: 'Identity',
        domain: '',
        inputs: [renamed.get(value) ?? value],
        outputs: [name],
        attributes: {},
      });
  }
  const of = (value: string): string => renamed.get(value) ?? value;
  return [...nodes.map((node) => ({ ...node, inputs: node.inputs.map(of), outputs: node.outputs.map(of) })), ...copies];
}
