// A small graph with a way to draw values for its leaves: what backends, gradients and simplification are checked on.
import { random, type Random } from '@espalier/core';
import {
  elementCount,
  hostTensor,
  hostValues,
  input,
  isFloat,
  state,
  type DType,
  type HostTensor,
  type HostTensors,
  type LeafValues,
  type Shape,
  type Tensor,
} from '@espalier/core/graph';

/** Draws `count` values from a stream. */
export type Draw = (random: Random, count: number) => readonly number[];

/** What a leaf is, and which values it gets. */
export interface LeafSpec<D extends DType = DType> {
  /** Element type. */
  readonly dtype: D;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Gives its values, row-major. */
  readonly draw: Draw;
  /** Whether it is fed or kept on the device; fed when not given. */
  readonly from?: 'input' | 'state';
}

/** The graph of a case, built anew at every call of `build`. */
export interface BuiltCase {
  /** Leaves by name. */
  readonly leaves: Readonly<Record<string, Tensor>>;
  /** Results by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A small graph, and how to draw values for its leaves. */
export interface GraphCase {
  /** A few words, for the name of a test. */
  readonly title: string;
  /** Leaves by name. */
  readonly leaves: Readonly<Record<string, LeafSpec>>;
  /** Float leaves in which the outputs are differentiable where the drawn values lie. */
  readonly wrt: readonly string[];
  /** The leaves and the named outputs, made anew. */
  build(): BuiltCase;
}

type LeafTensors<Specs extends Readonly<Record<string, LeafSpec>>> = {
  readonly [Name in keyof Specs]: Tensor<Specs[Name]['dtype']>;
};

/** A case with one result. `wrt` is every float leaf when not given. */
export function graphCase<const Specs extends Readonly<Record<string, LeafSpec>>>(
  title: string,
  leaves: Specs,
  build: (leaves: LeafTensors<Specs>) => Tensor,
  wrt: readonly (keyof Specs & string)[] = floatNames(leaves),
): GraphCase {
  return {
    title,
    leaves,
    wrt,
    build: () => {
      const made = makeLeaves(leaves);
      return { leaves: made, outputs: { result: build(made as LeafTensors<Specs>) } };
    },
  };
}

/** The leaves that a specification describes. */
export function makeLeaves(specs: Readonly<Record<string, LeafSpec>>): Record<string, Tensor> {
  const made = Object.entries(specs).map(([name, { dtype, shape, from }]) => {
    return [name, from === 'state' ? state(name, shape, dtype) : input(name, shape, dtype)] as const;
  });
  return Object.fromEntries(made);
}

function floatNames<Specs extends Readonly<Record<string, LeafSpec>>>(specs: Specs): (keyof Specs & string)[] {
  return Object.keys(specs).filter((name) => isFloat(specs[name]?.dtype ?? 'bool'));
}

/** Values of a case's leaves, rounded to their dtypes. */
export interface DrawnLeaves {
  /** Of the leaves that are fed. */
  readonly inputs: HostTensors;
  /** Of the leaves that are kept on the device. */
  readonly states: HostTensors;
}

/** Draws values for every leaf; the same seed gives the same values. */
export function drawLeaves({ leaves }: Pick<GraphCase, 'leaves'>, seed = 1): DrawnLeaves {
  const drawn = (from: 'input' | 'state'): HostTensors => {
    const own = Object.entries(leaves).filter(([, spec]) => (spec.from ?? 'input') === from);
    return Object.fromEntries(own.map(([name, spec]) => [name, drawLeaf(spec, random(seed).fork(name))]));
  };
  return { inputs: drawn('input'), states: drawn('state') };
}

function drawLeaf({ dtype, shape, draw }: LeafSpec, stream: Random): HostTensor {
  return hostTensor({ dtype, shape }, draw(stream, elementCount(shape)));
}

/** Drawn values as the reference evaluator takes them. */
export function leafValues({ inputs, states }: DrawnLeaves): LeafValues {
  const numbers = (tensors: HostTensors): Record<string, Float64Array> =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, hostValues(tensor)]));
  return { inputs: numbers(inputs), states: numbers(states) };
}
