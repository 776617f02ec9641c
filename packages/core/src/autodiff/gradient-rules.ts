// The cotangents each op passes to its operands, before un-broadcasting: one total table, one expression per operand.
// `undefined` means that nothing flows to that operand; `noGradient` says why an op passes nothing at all.
import { at } from '../look-up.js';
import {
  add, and, broadcast, cast, cos, cumulativeSum, divide, dynamicSlice, dynamicUpdateSlice, equal, exp, gather, less, lessEqual,
  log, matmul, multiply, negate, pad, power, reshape, scatterAdd, scatterAddAlongAxis, sign, sin, sliceAll,
  subtract, sum, takeAlongAxis, transpose, where, zerosLike,
} from '../graph/build.js'; // prettier-ignore
import { GraphError } from '../graph/shape-rules.js';
import {
  isFloatTensor,
  isOp,
  sameShape,
  type FloatDType,
  type Node,
  type OpName,
  type Tensor,
} from '../graph/tensor.js';

type Float = Tensor<FloatDType>;
type Cotangents = readonly (Float | undefined)[];
type Rule<Op extends OpName> = ((node: Node<Op>, ct: Float) => Cotangents) | NoGradient;

interface NoGradient {
  readonly noGradient: string;
}

/** What flows from a node to the tensors it was computed from. */
export interface Flow {
  readonly target: Tensor;
  readonly value: Float;
}

/** The cotangents of a node's operands, given the node's own. A composite without its own rule hands over to its body. */
export function cotangents(node: Tensor, ct: Float): readonly Flow[] {
  if (isOp(node, 'composite') && node.attributes.definition.gradient === undefined) {
    return [{ target: node.attributes.body, value: ct }];
  }
  return applyRule(node, ct).flatMap((value, index) => {
    const target = node.inputs[index];
    return value === undefined || target === undefined ? [] : [{ target, value }];
  });
}

function applyRule<Op extends OpName>(node: Node<Op>, ct: Float): Cotangents {
  const rule: Rule<Op> = rules[node.op];
  return typeof rule === 'function' ? rule(node, ct) : [];
}

/** The name of every op, in the order of the table of gradient rules. */
export function opNames(): readonly OpName[] {
  return Object.keys(rules).filter((name): name is OpName => name in rules);
}

/** Why an op passes no gradient, or `undefined` for one that does. */
export function noGradientReason(op: OpName): string | undefined {
  const rule = rules[op];
  return typeof rule === 'function' ? undefined : rule.noGradient;
}

/** A float operand of a node whose shape rule has made sure that it is one. */
function operand(node: Node, index: number): Float {
  const input = node.inputs[index];
  if (input === undefined || !isFloatTensor(input)) throw new GraphError(`${node.op}: operand ${index} is not float`);
  return input;
}

function indices(node: Node, index: number): Tensor<'int32'> {
  return node.inputs[index] as Tensor<'int32'>;
}

/** The node itself, as the value its rule was asked about. */
function output(node: Node): Float {
  return node as Float;
}

const leaf: NoGradient = { noGradient: 'has no operands' };
const discrete: NoGradient = { noGradient: 'its values are integers or booleans' };

const rules: { readonly [Op in OpName]: Rule<Op> } = {
  input: leaf,
  state: leaf,
  constant: leaf,
  iota: leaf,
  negate: (_node, ct) => [negate(ct)],
  exp: (node, ct) => [multiply(ct, output(node))],
  log: (node, ct) => [divide(ct, operand(node, 0))],
  sqrt: (node, ct) => [divide(multiply(ct, 0.5), output(node))],
  rsqrt: (node, ct) => {
    const y = output(node);
    return [multiply(multiply(ct, -0.5), multiply(y, multiply(y, y)))];
  },
  sigmoid: (node, ct) => [multiply(ct, multiply(output(node), subtract1(output(node))))],
  tanh: (node, ct) => [multiply(ct, subtract1(multiply(output(node), output(node))))],
  sin: (node, ct) => [multiply(ct, cos(operand(node, 0)))],
  cos: (node, ct) => [negate(multiply(ct, sin(operand(node, 0))))],
  abs: (node, ct) => [multiply(ct, sign(operand(node, 0)))],
  sign: { noGradient: 'it is piecewise constant' },
  relu: (node, ct) => [where(less(zerosLike(output(node)), output(node)), ct, 0)],
  not: discrete,
  cast: (node, ct) => {
    const [x] = node.inputs;
    return [x !== undefined && isFloatTensor(x) ? cast(ct, x.dtype) : undefined];
  },
  stopGradient: { noGradient: 'it is there to stop it' },
  barrier: (_node, ct) => [ct],
  add: (_node, ct) => [ct, ct],
  subtract: (_node, ct) => [ct, negate(ct)],
  multiply: (node, ct) => [multiply(ct, operand(node, 1)), multiply(ct, operand(node, 0))],
  divide: (node, ct) => [divide(ct, operand(node, 1)), negate(divide(multiply(ct, output(node)), operand(node, 1)))],
  power: (node, ct) => {
    const [base, exponent] = [operand(node, 0), operand(node, 1)];
    // Where base is 0, the formulas give 0·∞ although x⁰ and, for exponents from 0 up, 0ˣ are flat.
    const flat = and(equal(base, 0), lessEqual(zerosLike(exponent), exponent));
    return [
      multiply(
        ct,
        where(equal(exponent, 0), zerosLike(output(node)), multiply(exponent, power(base, subtract(exponent, 1)))),
      ),
      multiply(ct, where(flat, zerosLike(output(node)), multiply(output(node), log(base)))),
    ];
  },
  maximum: (node, ct) => {
    const firstWins = lessEqual(operand(node, 1), operand(node, 0));
    return [where(firstWins, ct, 0), where(firstWins, zerosLike(ct), ct)];
  },
  minimum: (node, ct) => {
    const firstWins = lessEqual(operand(node, 0), operand(node, 1));
    return [where(firstWins, ct, 0), where(firstWins, zerosLike(ct), ct)];
  },
  equal: discrete,
  less: discrete,
  lessEqual: discrete,
  and: discrete,
  or: discrete,
  where: (node, ct) => {
    const condition = node.inputs[0] as Tensor<'bool'>;
    return [undefined, where(condition, ct, 0), where(condition, zerosLike(ct), ct)];
  },
  sum: (node, ct) => [broadcastLike(ct, operand(node, 0))],
  max: (node, ct) => {
    const x = operand(node, 0);
    const winners = cast(equal(x, output(node)), x.dtype);
    return [multiply(winners, divide(ct, sum(winners, node.attributes.axes)))];
  },
  argMax: discrete,
  topK: discrete,
  softmax: (node, ct) => {
    const p = output(node);
    return [multiply(p, subtract(ct, sum(multiply(ct, p), [node.attributes.axis])))];
  },
  logSoftmax: (node, ct) => {
    const { axis } = node.attributes;
    return [subtract(ct, multiply(exp(output(node)), sum(ct, [axis])))];
  },
  cumulativeSum: (node, ct) => [cumulativeSum(ct, node.attributes.axis, !node.attributes.reverse)],
  matmul: (node, ct) => {
    const { transposeA, transposeB } = node.attributes;
    const [a, b] = [operand(node, 0), operand(node, 1)];
    const scaled = transposeA ? undefined : rowScaled(ct, a);
    if (scaled !== undefined) {
      const { rows, scale } = scaled;
      const scaledA = multiply(a, scale);
      return [
        multiply(matmul(rows, b, { transposeB: !transposeB }), scale),
        transposeB ? matmul(rows, scaledA, { transposeA: true }) : matmul(scaledA, rows, { transposeA: true }),
      ];
    }
    return [
      transposeA
        ? matmul(b, ct, { transposeA: transposeB, transposeB: true })
        : matmul(ct, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(ct, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, ct, { transposeA: !transposeA }),
    ];
  },
  reshape: (node, ct) => [reshape(ct, operand(node, 0).shape)],
  transpose: (node, ct) => {
    const { permutation } = node.attributes;
    return [
      transpose(
        ct,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
  broadcast: (_node, ct) => [ct],
  slice: (node, ct) => {
    const { starts, ends } = node.attributes;
    return [
      pad(
        ct,
        starts,
        operand(node, 0).shape.map((size, axis) => size - at(ends, axis)),
      ),
    ];
  },
  pad: (node, ct) => {
    const { before } = node.attributes;
    return [
      sliceAll(
        ct,
        before,
        operand(node, 0).shape.map((size, axis) => size + at(before, axis)),
      ),
    ];
  },
  concat: (node, ct) => {
    const { axis } = node.attributes;
    let start = 0;
    return node.inputs.map((input) => {
      const starts = input.shape.map((_, own) => (own === axis ? start : 0));
      start += at(input.shape, axis);
      return sliceAll(
        ct,
        starts,
        input.shape.map((size, own) => size + at(starts, own)),
      );
    });
  },
  dynamicSlice: (node, ct) => {
    const zeros = zerosLike(operand(node, 0));
    return [dynamicUpdateSlice(zeros, ct, node.attributes.axis, indices(node, 1)), undefined];
  },
  dynamicUpdateSlice: (node, ct) => {
    const { axis } = node.attributes;
    const update = operand(node, 1);
    const start = indices(node, 2);
    const kept = dynamicUpdateSlice(ct, zerosLike(update), axis, start);
    return [kept, dynamicSlice(ct, axis, start, at(update.shape, axis)), undefined];
  },
  gather: (node, ct) => [scatterAdd(indices(node, 1), ct, at(operand(node, 0).shape, 0)), undefined],
  scatterAdd: (node, ct) => [undefined, gather(ct, indices(node, 0))],
  takeAlongAxis: (node, ct) => {
    const { axis } = node.attributes;
    return [scatterAddAlongAxis(indices(node, 1), ct, axis, at(operand(node, 0).shape, axis)), undefined];
  },
  scatterAddAlongAxis: (node, ct) => [undefined, takeAlongAxis(ct, indices(node, 0), node.attributes.axis)],
  composite: (node, ct) => {
    const { definition, options } = node.attributes;
    const own = definition.gradient?.({ inputs: node.inputs, output: node, cotangent: ct, options }) ?? [];
    return own.map((value) => (value === undefined || isFloatTensor(value) ? value : undefined));
  },
};

/** 1 − x. */
function subtract1(x: Float): Float {
  return add(negate(x), 1);
}

/** A cotangent of a reduction, spread over the reduced axes. */
function broadcastLike(ct: Float, x: Float): Float {
  return broadcast(ct, x.shape);
}

/** A cotangent `rows · scale[N, 1]` wider than the operand whose rows it belongs to: the scale is cheaper on that side (logits). */
function rowScaled(ct: Float, a: Float): { readonly rows: Float; readonly scale: Float } | undefined {
  if (ct.op !== 'multiply' || ct.shape.length !== 2 || at(ct.shape, 1) <= at(a.shape, 1)) return undefined;
  const [x, y] = [operand(ct, 0), operand(ct, 1)];
  for (const [rows, scale] of [
    [x, y],
    [y, x],
  ] as const) {
    const isColumn = scale.shape.length === 2 && scale.shape[0] === ct.shape[0] && scale.shape[1] === 1;
    if (isColumn && sameShape(rows.shape, ct.shape)) return { rows, scale };
  }
  return undefined;
}
