// A backend in one file: each op says what one element of its result is, and programs are computed element by element.
import { definePlugin, strategy } from '@espalier/core';
import { checkHostTensor, checkRun, chooseDevice, elementCount, GraphError, hostTensor, hostValues, hostZeros, isOp,
  stateType, topological, type DeviceState, type Executable, type HostTensor, type HostTensors, type Node,
  type OpAttributes, type OpName, type Program, type Shape, type Tensor, type TensorTypes } from '@espalier/core/graph'; // prettier-ignore

/** Coordinates of an element (an operand of lower rank takes the last of them), and what reads operand k there. */
type At = readonly number[];
type Read = (k: number, at: At) => number;
type Shapes = readonly [Shape, Shape, ...Shape[]];
/** For a node `to` whose operands have these shapes: what the element at some coordinates is. */
type Rule<Op extends OpName> = (options: OpAttributes[Op], x: Read, shapes: Shapes, to: Tensor) => (at: At) => number;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const clamp = (start: number, most: number): number => Math.max(0, Math.min(start, most));
const descending = (of: number[]): number[] => range(of.length).sort((a, b) => of[b]! - of[a]! || a - b);
const put = (at: At, axis: number, index: number): At => at.map((own, i) => (i === axis ? index : own));
const shift = (at: At, by: At, sign = 1): At => at.map((own, axis) => own + sign * by[axis]!);
const within = (at: At, shape: Shape): boolean => at.every((own, axis) => own >= 0 && own < shape[axis]!);
const strides = (shape: Shape): number[] => shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
const flat = (at: At, shape: Shape): number => sum(strides(shape).map((step, axis) => step * at[axis]!));
const unflat = (n: number, shape: Shape): At => strides(shape).map((step, i) => Math.floor(n / step) % shape[i]!);
const cells = (shape: Shape): At[] => range(elementCount(shape)).map((n) => unflat(n, shape));
const line = (x: Read, size: number, at: At, axis: number): number[] => range(size).map((i) => x(0, put(at, axis, i)));

const each = (f: (...x: number[]) => number): Rule<OpName> =>
  (_, x, shapes) => (at) => f(...shapes.map((_shape, k) => x(k, at))); // prettier-ignore
const fold = (f: (values: number[]) => number): Rule<'sum' | 'max'> => ({ axes }, x, [shape]) => (at) =>
  f(cells(shape.map((size, axis) => axes.includes(axis) ? size : 1)).map((by) => x(0, shift(at, by)))); // prettier-ignore
const logSoftmax: Rule<'softmax' | 'logSoftmax'> = ({ axis }, x, [shape]) => (at) => {
  const values = line(x, shape[axis]!, at, axis);
  const top = Math.max(...values);
  return x(0, at) - top - Math.log(sum(values.map((value) => Math.exp(value - top))));
}; // prettier-ignore
const same = each((a) => a);

/** A sum table: the compiler names the op that is missing. Booleans are 0 and 1. */
const rules: { readonly [Op in OpName]: Rule<Op> } = {
  input: same, state: same, composite: same, stopGradient: same, barrier: (_, x) => (at) => x(0, at), broadcast: same,
  constant: ({ values }, _x, _shapes, { shape }) => (at) => values[values.length === 1 ? 0 : flat(at, shape)]!,
  iota: ({ axis }) => (at) => at[axis]!,
  negate: each((a) => -a), exp: each(Math.exp), log: each(Math.log), sqrt: each(Math.sqrt), tanh: each(Math.tanh),
  rsqrt: each((a) => 1 / Math.sqrt(a)), sigmoid: each((a) => 1 / (1 + Math.exp(-a))), sin: each(Math.sin),
  cos: each(Math.cos), abs: each(Math.abs), sign: each(Math.sign), relu: each((a) => (a <= 0 ? 0 : a)),
  cast: ({ to }, x) => (at) => (to === 'bool' ? +(x(0, at) !== 0) : x(0, at)),
  add: each((a, b) => a + b), subtract: each((a, b) => a - b), divide: each((a, b) => a / b), power: each(Math.pow),
  multiply: (...node) => each(node[3].dtype === 'int32' ? Math.imul : (a, b) => a * b)(...node),
  maximum: each(Math.max), minimum: each(Math.min), or: each(Math.max), and: each(Math.min), not: each((a) => 1 - a),
  equal: each((a, b) => +(a === b)), less: each((a, b) => +(a < b)), lessEqual: each((a, b) => +(a <= b)),
  where: (_, x) => (at) => x(x(0, at) === 0 ? 2 : 1, at),
  sum: fold(sum), max: fold((values) => Math.max(...values)),
  argMax: ({ axis }, x, [shape]) => (at) => descending(line(x, shape[axis]!, at, axis))[0]!,
  topK: (_, x, [shape]) => (at) => descending(line(x, shape.at(-1)!, at, at.length - 1))[at.at(-1)!]!,
  softmax: (...node) => (at) => Math.exp(logSoftmax(...node)(at)), logSoftmax,
  cumulativeSum: ({ axis, reverse }, x, [shape]) => (at) =>
    sum(line(x, shape[axis]!, at, axis).filter((_, i) => (reverse ? i >= at[axis]! : i <= at[axis]!))),
  matmul: ({ transposeA, transposeB }, x, [shape]) => (at) => {
    const [batch, row, column] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
    const a = (k: number): number => x(0, transposeA ? [...batch, k, row] : [...batch, row, k]);
    const b = (k: number): number => x(1, transposeB ? [...batch, column, k] : [...batch, k, column]);
    return sum(range(shape.at(transposeA ? -2 : -1)!).map((k) => a(k) * b(k)));
  },
  reshape: (_, x, [shape], to) => (at) => x(0, unflat(flat(at, to.shape), shape)),
  transpose: ({ permutation }, x) => (at) => x(0, at.map((_, axis) => at[permutation.indexOf(axis)]!)),
  slice: ({ starts }, x) => (at) => x(0, shift(at, starts)),
  pad: ({ before }, x, [shape]) => (at) => within(shift(at, before, -1), shape) ? x(0, shift(at, before, -1)) : 0,
  concat: ({ axis }, x, shapes) => (at) => {
    let [part, index] = [0, at[axis]!];
    for (; index >= shapes[part]![axis]!; part++) index -= shapes[part]![axis]!;
    return x(part, put(at, axis, index));
  },
  dynamicSlice: ({ axis, size }, x, [shape]) => (at) =>
    x(0, put(at, axis, at[axis]! + clamp(x(1, []), shape[axis]! - size))),
  dynamicUpdateSlice: ({ axis }, x, [shape, part]) => (at) => {
    const inner = put(at, axis, at[axis]! - clamp(x(2, []), shape[axis]! - part[axis]!));
    return within(inner, part) ? x(1, inner) : x(0, at);
  },
  gather: (_, x, [, { length }]) => (at) => x(0, [x(1, at.slice(0, length)), ...at.slice(length)]),
  scatterAdd: (_, x, [shape]) => ([row, ...at]) => sum(cells(shape).map((i) => x(0, i) === row ? x(1, [...i, ...at]) : 0)),
  takeAlongAxis: ({ axis }, x) => (at) => x(0, put(at, axis, x(1, at))),
  scatterAddAlongAxis: ({ axis }, x, [shape]) => (at) =>
    sum(range(shape[axis]!).map((i) => (x(0, put(at, axis, i)) === at[axis] ? x(1, put(at, axis, i)) : 0))),
}; // prettier-ignore

/** Every element of a node, rounded to its dtype. Reading axes of size 1 at 0 is all there is to broadcasting. */
function compute<Op extends OpName>(node: Node<Op>, operands: readonly HostTensor[]): HostTensor {
  const [values, shapes] = [operands.map(hostValues), operands.map(({ shape }) => shape)];
  const steps = shapes.map((shape) => strides(shape).map((step, axis) => (shape[axis] === 1 ? 0 : step)));
  const read: Read = (k, at) => values[k]![sum(steps[k]!.map((step, i, { length }) => step * at.at(i - length)!))]!;
  return hostTensor(node, cells(node.shape).map(rules[node.op](node.attributes, read, shapes as [Shape, Shape], node)));
} // prettier-ignore

const mapped = <A, B>(record: Readonly<Record<string, A>>, f: (value: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));
const gone = (what: string): never => { throw new GraphError(`${what} was disposed of`); }; // prettier-ignore

/** Tensors between runs. This device is main memory; another keeps handles, and moves values in `read` and `write`. */
function toyState(types: TensorTypes): DeviceState {
  let held: HostTensors | undefined = mapped(types, hostZeros);
  const now = (): HostTensors => held ?? gone('the state');
  const copy = (name: string): HostTensor => structuredClone(now()[name] ?? hostZeros(stateType(types, name)));
  const checked = (own: HostTensor, name: string) => checkHostTensor(`state "${name}"`, stateType(types, name), own);
  return {
    types,
    read: async (names) => Promise.resolve(Object.fromEntries(names.map((name) => [name, copy(name)]))),
    write: async (values) => Promise.resolve(void (held = { ...now(), ...structuredClone(mapped(values, checked)) })),
    dispose: () => Promise.resolve(void (held = undefined)),
  };
}

/** One program. The graph is run as it is, composites by their bodies; what can be prepared, is before `return`. */
function toyExecutable(program: Program): Executable {
  const order = topological([...Object.values(program.outputs), ...Object.values(program.next)], { bodies: true });
  let disposed = false;
  return {
    program,
    async run(inputs, state) {
      if (disposed) gone(`program "${program.name}"`);
      checkRun(program, inputs, state);
      const held = (await state?.read(Object.keys(program.states))) ?? {};
      const done = new Map<Tensor, HostTensor>();
      const value = (node: Tensor): HostTensor => done.get(node)!;
      for (const node of order) {
        if (isOp(node, 'input')) done.set(node, inputs[node.attributes.name]!);
        else if (isOp(node, 'state')) done.set(node, held[node.attributes.name]!);
        else done.set(node, compute(node, (isOp(node, 'composite') ? [node.attributes.body] : node.inputs).map(value)));
      }
      await state?.write(mapped(program.next, value)); // last: a run that fails has replaced nothing
      return mapped(program.outputs, (node) => structuredClone(value(node)));
    },
    dispose: () => Promise.resolve(void (disposed = true)),
  };
}

const devices = [{ name: 'cpu', description: 'JavaScript, element by element' }];

/** A backend that computes every program, slowly. */
export const toyBackend = strategy('backend', {
  name: 'toy',
  summary: 'a complete backend in one file',
  create: () => ({
    devices: () => Promise.resolve(devices),
    createState: async (types, device) => (chooseDevice('toy', devices, device), Promise.resolve(toyState(types))),
    compile: async (program, device) => (chooseDevice('toy', devices, device), Promise.resolve(toyExecutable(program))),
  }),
});

export default definePlugin({ name: 'toy-backend', provides: [toyBackend] });
