// Index arithmetic over row-major arrays, shared by the reference evaluator's rules.
import { elementCount, type Shape } from './tensor.js';
import { at } from '../look-up.js';
import { InternalError } from '../errors.js';

/** Distance in elements between neighbours along each axis. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = at(strides, axis + 1) * at(shape, axis + 1);
  return strides;
}

/** Strides that read `from` as if broadcast to `to`: 0 along axes of size 1. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = rowMajorStrides(from);
  return to.map((_, axis) => {
    const index = axis - to.length + from.length;
    return index < 0 || from[index] === 1 ? 0 : at(own, index);
  });
}

/** For every element of `shape` in row-major order, the offset that `strides` give, from `start`. */
export function offsets(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  if (strides.length !== shape.length) throw new InternalError(`${strides.length} strides for ${shape.length} axes`);
  const result = new Int32Array(elementCount(shape));
  const position = new Array<number>(shape.length).fill(0);
  let offset = start;
  for (let i = 0; i < result.length; i++) {
    result[i] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = position[axis]! + 1;
      offset += strides[axis]!;
      if (next < shape[axis]!) {
        position[axis] = next;
        break;
      }
      offset -= next * strides[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}

/** A shape seen from one axis: `outer` blocks of `size` steps, each `inner` elements apart. */
export function aroundAxis(
  shape: Shape,
  axis: number,
): { readonly outer: number; readonly size: number; readonly inner: number } {
  return {
    outer: elementCount(shape.slice(0, axis)),
    size: at(shape, axis),
    inner: elementCount(shape.slice(axis + 1)),
  };
}
