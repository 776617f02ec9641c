// How each op is written in ONNX: one total table. A rule gets the names of its operands and returns the name of its value;
// returning an operand's name means that the op costs nothing at run time.
import { at, present } from '../../look-up.js';
import { GraphError } from '../../graph/shape-rules.js';
import { elementCount, type DType, type Node, type OpName, type Shape, type Tensor } from '../../graph/tensor.js';
import type { Emitter } from './emitter.js';
import type { OnnxDType } from './schema.js';

type Rule<Op extends OpName> = (node: Node<Op>, operands: readonly string[], emit: Emitter) => string;

/** Writes one op; the operands are already written. */
export function emitOp<Op extends OpName>(node: Node<Op>, operands: readonly string[], emit: Emitter): string {
  const rule: Rule<Op> = rules[node.op];
  return rule(node, operands, emit);
}

const direct =
  (opType: string): Rule<OpName> =>
  (_node, operands, emit) =>
    emit.node(opType, operands);

const alias: Rule<OpName> = (_node, operands) => at(operands, 0);

const given: Rule<OpName> = (node) => {
  throw new GraphError(`internal: ${node.op} is not emitted by a rule`);
};

const dataTypeCodes: { readonly [D in OnnxDType]: number } = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 };

function castTo(value: string, to: OnnxDType, emit: Emitter): string {
  return emit.node('Cast', [value], { to: { int: dataTypeCodes[to] } });
}

/** ONNX Runtime has no kernel for some ops on bool: they run on int32. */
function viaInteger(
  dtype: DType,
  operands: readonly string[],
  emit: Emitter,
  run: (operands: readonly string[]) => string,
): string {
  if (dtype !== 'bool') return run(operands);
  const result = run(operands.map((operand) => castTo(operand, 'int32', emit)));
  return castTo(result, 'bool', emit);
}

const reduction =
  (opType: string): Rule<'sum' | 'max'> =>
  (node, operands, emit) => {
    const { axes } = node.attributes;
    if (axes.length === 0) return at(operands, 0);
    return emit.node(opType, [...operands, emit.ints(axes)], { keepdims: { int: 1 } });
  };

const alongAxis =
  (opType: string): Rule<'softmax' | 'logSoftmax'> =>
  (node, operands, emit) =>
    emit.node(opType, operands, { axis: { int: node.attributes.axis } });

/**
 * A matrix product, times `factor`. Of rank 2 it is a Gemm, which reads transposed operands in place and may start from a third
 * operand; a batched one is fused with its transposes and its factor by the domain op.
 */
export function emitMatmul(node: Node<'matmul'>, operands: readonly string[], emit: Emitter, factor: number): string {
  const { transposeA, transposeB } = node.attributes;
  const flags = { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } };
  const attributes = factor === 1 ? flags : { ...flags, alpha: { float: factor } };
  if (node.inputs.every(({ shape }) => shape.length === 2)) return emit.node('Gemm', operands, attributes);
  if (!transposeA && !transposeB && factor === 1) return emit.node('MatMul', operands);
  if (emit.plainProducts) {
    const [a, b] = [at(operands, 0), at(operands, 1)];
    const plain = [
      transposeA ? swapped(a, node.inputs[0], emit) : a,
      transposeB ? swapped(b, node.inputs[1], emit) : b,
    ];
    const product = emit.node('MatMul', plain);
    return factor === 1 ? product : emit.node('Mul', [product, emit.constant([factor], [], node.dtype)]);
  }
  return emit.node('FusedMatMul', operands, attributes, { domain: 'com.microsoft' });
}

/** The matrices of a tensor, each transposed. */
function swapped(operand: string, tensor: Tensor | undefined, emit: Emitter): string {
  const rank = present(tensor, 'an operand of a product').shape.length;
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  return emit.node('Transpose', [operand], { perm: { ints: [...perm.slice(0, -2), rank - 1, rank - 2] } });
}

/** Above this, the indices of a scattered update would bloat the model. */
const MOST_ROWS = 4096;

/** Writes one row at each place of the leading axes: one copy of the operand, where slices and a concat are two. */
function scatterRows(operand: string, update: string, at: string, lead: Shape, emit: Emitter): string {
  const places = emit.node('Expand', [at, emit.ints([...lead, 1, 1])]);
  if (lead.length === 0) return emit.node('ScatterND', [operand, places, update]);
  const coordinates = lead.reduce<number[][]>(
    (all, size) => all.flatMap((own) => Array.from({ length: size }, (_, index) => [...own, index])),
    [[]],
  );
  const rows = emit.constant(coordinates.flat(), [...lead, 1, lead.length], 'int64');
  const indices = emit.node('Concat', [rows, places], { axis: { int: lead.length + 1 } });
  return emit.node('ScatterND', [operand, indices, update]);
}

/** A run-time start, clamped to 0…limit, as int64 of shape [1]. */
function clampedStart(start: string, limit: number, emit: Emitter): string {
  const lower = emit.node('Max', [start, emit.constant([0], [], 'int32')]);
  const clamped = emit.node('Min', [lower, emit.constant([limit], [], 'int32')]);
  return castTo(emit.node('Reshape', [clamped, emit.ints([1])]), 'int64', emit);
}

/**
 * Alone, a Reshape to the shape it has: no runtime copies for it, and none takes it for its operand. After others, a choice between
 * two times the same by what their first elements are, which is known when they are.
 */
function emitBarrier(node: Node<'barrier'>, operands: readonly string[], emit: Emitter): string {
  const x = at(operands, 0);
  const others = operands.slice(1).filter((_, index) => elementCount(at(node.inputs, index + 1).shape) > 0);
  if (others.length === 0) return emit.node('Reshape', [x, emit.ints(node.shape)], { allowzero: { int: 1 } });
  const known = others.map((other) => {
    const flat = emit.node('Reshape', [other, emit.ints([-1])]);
    return castTo(emit.node('Gather', [flat, emit.constant([0], [], 'int64')], { axis: { int: 0 } }), 'bool', emit);
  });
  const either = known.reduce((a, b) => emit.node('Or', [a, b]));
  return viaInteger(node.dtype, [x, x], emit, (own) => emit.node('Where', [either, ...own]));
}

const rules: { readonly [Op in OpName]: Rule<Op> } = {
  input: given,
  state: given,
  composite: given,
  constant: (node, _operands, emit) => {
    const { values } = node.attributes;
    const count = elementCount(node.shape);
    if (values.length === count || count <= 64) return emit.constant(values, node.shape, node.dtype);
    return emit.node('Expand', [emit.constant(values, [], node.dtype), emit.ints(node.shape)]);
  },
  iota: (node, _operands, emit) => {
    const size = sizeOf(node, node.attributes.axis);
    const line = emit.constant(
      Array.from({ length: size }, (_, index) => index),
      alongShape(node),
      'int32',
    );
    return emit.node('Expand', [line, emit.ints(node.shape)]);
  },
  negate: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  rsqrt: (_node, operands, emit) => emit.node('Reciprocal', [emit.node('Sqrt', operands)]),
  sigmoid: direct('Sigmoid'),
  tanh: direct('Tanh'),
  sin: direct('Sin'),
  cos: direct('Cos'),
  abs: direct('Abs'),
  sign: direct('Sign'),
  relu: direct('Relu'),
  not: direct('Not'),
  cast: (node, operands, emit) => castTo(at(operands, 0), node.attributes.to, emit),
  stopGradient: alias,
  barrier: (node, operands, emit) => emitBarrier(node, operands, emit),
  add: direct('Add'),
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  power: direct('Pow'),
  maximum: direct('Max'),
  minimum: direct('Min'),
  equal: direct('Equal'),
  less: direct('Less'),
  lessEqual: direct('LessOrEqual'),
  and: direct('And'),
  or: direct('Or'),
  where: (node, operands, emit) =>
    viaInteger(node.dtype, operands.slice(1), emit, (own) => emit.node('Where', [at(operands, 0), ...own])),
  sum: reduction('ReduceSum'),
  max: reduction('ReduceMax'),
  argMax: (node, operands, emit) =>
    castTo(emit.node('ArgMax', operands, { axis: { int: node.attributes.axis }, keepdims: { int: 1 } }), 'int32', emit),
  topK: (node, operands, emit) => {
    const outputs = { count: 2, take: 1 };
    const indices = emit.node('TopK', [...operands, emit.ints([node.attributes.k])], {}, { outputs });
    return castTo(indices, 'int32', emit);
  },
  softmax: alongAxis('Softmax'),
  logSoftmax: alongAxis('LogSoftmax'),
  cumulativeSum: (node, operands, emit) => {
    const { axis, reverse } = node.attributes;
    return emit.node('CumSum', [...operands, emit.constant([axis], [], 'int64')], {
      reverse: { int: reverse ? 1 : 0 },
    });
  },
  matmul: (node, operands, emit) => emitMatmul(node, operands, emit, 1),
  reshape: (node, operands, emit) =>
    emit.node('Reshape', [...operands, emit.ints(node.shape)], { allowzero: { int: 1 } }),
  transpose: (node, operands, emit) =>
    emit.node('Transpose', operands, { perm: { ints: node.attributes.permutation } }),
  broadcast: (node, operands, emit) => emit.node('Expand', [...operands, emit.ints(node.shape)]),
  slice: (node, operands, emit) => {
    const { starts, ends } = node.attributes;
    const cut = node.shape.flatMap((size, axis) => (size === node.inputs[0]?.shape[axis] ? [] : [axis]));
    const pick = (values: readonly number[]): string => emit.ints(cut.map((axis) => at(values, axis)));
    return cut.length === 0
      ? at(operands, 0)
      : emit.node('Slice', [...operands, pick(starts), pick(ends), emit.ints(cut)]);
  },
  pad: (node, operands, emit) => {
    const { before, after } = node.attributes;
    return viaInteger(node.dtype, operands, emit, (own) =>
      emit.node('Pad', [...own, emit.ints([...before, ...after])]),
    );
  },
  concat: (node, operands, emit) => emit.node('Concat', operands, { axis: { int: node.attributes.axis } }),
  dynamicSlice: (node, operands, emit) => {
    const [operand, start] = [at(operands, 0), at(operands, 1)];
    const { axis, size } = node.attributes;
    const first = clampedStart(start, sizeOf(node.inputs[0], axis) - size, emit);
    const end = emit.node('Add', [first, emit.ints([size])]);
    return emit.node('Slice', [operand, first, end, emit.ints([axis])]);
  },
  dynamicUpdateSlice: (node, operands, emit) => {
    const [operand, update, start] = [at(operands, 0), at(operands, 1), at(operands, 2)];
    const { axis } = node.attributes;
    const [size, length] = [sizeOf(node, axis), sizeOf(node.inputs[1], axis)];
    const first = clampedStart(start, size - length, emit);
    const lead = node.shape.slice(0, axis);
    if (length === 1 && elementCount(lead) <= MOST_ROWS) return scatterRows(operand, update, first, lead, emit);
    const resume = emit.node('Add', [first, emit.ints([length])]);
    const head = emit.node('Slice', [operand, emit.ints([0]), first, emit.ints([axis])]);
    const tail = emit.node('Slice', [operand, resume, emit.ints([size]), emit.ints([axis])]);
    return emit.node('Concat', [head, update, tail], { axis: { int: axis } });
  },
  gather: (_node, operands, emit) => emit.node('Gather', operands, { axis: { int: 0 } }),
  scatterAdd: (node, operands, emit) => {
    const zeros = emit.node('Expand', [emit.constant([0], [], node.dtype), emit.ints(node.shape)]);
    return emitScatterInto(node, zeros, operands, emit);
  },
  takeAlongAxis: (node, operands, emit) =>
    emit.node('GatherElements', operands, { axis: { int: node.attributes.axis } }),
  scatterAddAlongAxis: (node, operands, emit) => {
    const zeros = emit.node('Expand', [emit.constant([0], [], node.dtype), emit.ints(node.shape)]);
    return emitScatterInto(node, zeros, operands, emit);
  },
};

/**
 * Scatters the updates onto an existing value: what `add(value, scatter…)` means, without a tensor of zeros. Rows are scattered
 * element by element too: ScatterND adds from several threads at once and loses updates (onnxruntime 18048).
 */
export function emitScatterInto(
  node: Node<'scatterAdd'> | Node<'scatterAddAlongAxis'>,
  onto: string,
  operands: readonly string[],
  emit: Emitter,
): string {
  const [indices, updates] = [at(operands, 0), at(operands, 1)];
  const reduction = { reduction: { string: 'add' } };
  if (node.op === 'scatterAddAlongAxis') {
    const axis = { axis: { int: node.attributes.axis } };
    return emit.node('ScatterElements', [onto, indices, updates], { ...axis, ...reduction });
  }
  const count = elementCount(present(node.inputs[0], 'the indices').shape);
  const rest = node.shape.slice(1);
  const rows = [count, ...rest]; // [...index, ...rest] -> [N, ...rest]
  const asColumn = emit.node('Reshape', [indices, emit.ints([count, ...rest.map(() => 1)])], { allowzero: { int: 1 } });
  const everywhere = emit.node('Expand', [asColumn, emit.ints(rows)]);
  const flat = emit.node('Reshape', [updates, emit.ints(rows)], { allowzero: { int: 1 } });
  return emit.node('ScatterElements', [onto, everywhere, flat], { axis: { int: 0 }, ...reduction });
}

/** Elements along an axis of a tensor that must be there. */
function sizeOf(tensor: Tensor | undefined, axis: number): number {
  return at(present(tensor, 'an operand').shape, axis);
}

function alongShape(node: Node<'iota'>): number[] {
  return node.shape.map((size, axis) => (axis === node.attributes.axis ? size : 1));
}
