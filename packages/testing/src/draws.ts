// Ways to draw a leaf's values, and the leaves that use them.
import { at } from '@espalier/core';
import type { FloatDType, Shape } from '@espalier/core/graph';
import type { Draw, LeafSpec } from './graph-case.js';

const times =
  (draw: (random: Parameters<Draw>[0]) => number): Draw =>
  (random, count) =>
    Array.from({ length: count }, () => draw(random));

/** Standard normal. */
export const normal: Draw = times((random) => random.normal());

/** Normal with a standard deviation. */
export function spread(deviation: number): Draw {
  return times((random) => deviation * random.normal());
}

/** From 0.3 up, for logarithms and roots. */
export const positive: Draw = times((random) => 0.3 + Math.abs(random.normal()));

/** Of both signs, at least 0.3 from 0: for divisors, and for functions with a kink there. */
export const awayFromZero: Draw = times(
  (random) => (random.uniform() < 0.5 ? -1 : 1) * (0.3 + Math.abs(random.normal())),
);

/** All different by at least 0.25, for maxima. */
export const distinct: Draw = (random, count) =>
  random.shuffle(Array.from({ length: count }, (_, i) => 0.25 * (i - Math.floor(count / 2)) + 0.1));

/** Multiples of 1/8 below 8 in size, which float16 holds exactly. */
export const eighths: Draw = times((random) => (random.integer(127) - 63) / 8);

/** Whole numbers from `low` up to and without `high`. */
export function whole(low: number, high: number): Draw {
  return times((random) => low + random.integer(high - low));
}

/** The same values whatever the stream; repeated when more are asked for. */
export function exactly(...values: readonly number[]): Draw {
  return (_random, count) => Array.from({ length: count }, (_, i) => at(values, i % values.length));
}

/** A float32 leaf. */
export function floats(shape: Shape, draw: Draw = normal): LeafSpec<'float32'> {
  return { dtype: 'float32', shape, draw };
}

/** A float16 leaf. */
export function halves(shape: Shape, draw: Draw = eighths): LeafSpec<'float16'> {
  return { dtype: 'float16', shape, draw };
}

/** An int32 leaf; values from −20 to 20 when not given. */
export function integers(shape: Shape, draw: Draw = whole(-20, 21)): LeafSpec<'int32'> {
  return { dtype: 'int32', shape, draw };
}

/** A bool leaf. */
export function booleans(shape: Shape, draw: Draw = whole(0, 2)): LeafSpec<'bool'> {
  return { dtype: 'bool', shape, draw };
}

/** The same leaf kept on the device. */
export function kept<Spec extends LeafSpec<FloatDType | 'int32' | 'bool'>>(spec: Spec): Spec {
  return { ...spec, from: 'state' };
}
