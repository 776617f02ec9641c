// Going through a weight in parts of bounded size, whether or not its source can be read so.
import { InputError } from '../errors.js';
import type { Weights } from './model.js';

/** Most elements of a weight that are at hand at a time, unless one row has more: 4 MiB as float32, which stay in the processor's cache. */
export const PART = 2 ** 20;

/** Consecutive elements of a weight. */
export interface WeightPart {
  /** Index of the first of them in the weight, row-major. */
  readonly begin: number;
  /** The elements; others may be given the same array. */
  readonly values: Float32Array;
}

/** The elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * A weight of a shape in parts of whole rows, at most `most` elements each where rows are not longer. Throws `InputError` where the
 * source gives another number of values.
 */
export async function* weightParts(
  weights: Weights,
  name: string,
  shape: readonly number[],
  most: number = PART,
): AsyncGenerator<WeightPart, void> {
  const count = sizeOf(shape);
  const part = await partsOf(weights, name, shape);
  for (const [begin, end] of rowRanges(shape, most)) yield { begin, values: await part(begin, end) };
  if (count === 0) await part(0, 0);
}

/** First and last elements (the last left out) of stretches of whole rows, at most `most` elements each where rows are not longer. */
export function rowRanges(shape: readonly number[], most: number = PART): readonly (readonly [number, number])[] {
  const row = Math.max(1, sizeOf(shape.slice(1)));
  const size = row * Math.max(1, Math.floor(most / row));
  const count = sizeOf(shape);
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => [
    index * size,
    Math.min(count, (index + 1) * size),
  ]);
}

/** Gives ranges of one weight: from its source as they are asked for, or of the whole, which is then read now. */
export async function partsOf(
  weights: Weights,
  name: string,
  shape: readonly number[],
): Promise<(begin: number, end: number) => Promise<Float32Array>> {
  const { range } = weights;
  if (range === undefined) {
    const whole = await weights.read(name);
    checkCount(name, whole.length, shape, sizeOf(shape));
    return (begin, end) => Promise.resolve(whole.subarray(begin, end));
  }
  return async (begin, end) => {
    const values = await range.call(weights, name, begin, end);
    checkCount(name, values.length, shape, end - begin);
    return values;
  };
}

function checkCount(name: string, found: number, shape: readonly number[], count: number): void {
  if (found === count) return;
  const asked = count === sizeOf(shape) ? '' : `, of which ${count} were asked for`;
  throw new InputError({
    asked: `read weight ${name}`,
    found: `its source gives ${found} values, [${shape.join(', ')}] has ${sizeOf(shape)}${asked}`,
    fix: 'Give the config.json that belongs to these weights',
  });
}
