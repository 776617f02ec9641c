// Typed access to a composite's operands, checked once.
import { GraphError } from '../shape-rules.js';
import { isFloatTensor, type FloatDType, type Tensor } from '../tensor.js';

type Floats<N extends number> = N extends 1
  ? readonly [Tensor<FloatDType>]
  : N extends 2
    ? readonly [Tensor<FloatDType>, Tensor<FloatDType>]
    : readonly [Tensor<FloatDType>, Tensor<FloatDType>, Tensor<FloatDType>];

/** The first `count` operands, all of them float; throws `GraphError` otherwise. */
export function floats<N extends 1 | 2 | 3>(inputs: readonly Tensor[], count: N): Floats<N> {
  const found = inputs.slice(0, count).filter(isFloatTensor);
  if (found.length !== count) throw new GraphError(`needs ${count} float operands first`);
  return found as readonly Tensor<FloatDType>[] as Floats<N>;
}

/** Elements along an axis, counted from the end where it is negative; throws `GraphError` where there is no such axis. */
export function sizeOf({ shape }: Tensor, axis: number): number {
  const size = shape.at(axis);
  if (size === undefined) throw new GraphError(`there is no axis ${axis} in rank ${shape.length}`);
  return size;
}

/** One operand of a known dtype; throws `GraphError` otherwise. */
export function operandOf<D extends Tensor['dtype']>(inputs: readonly Tensor[], index: number, dtype: D): Tensor<D> {
  const input = inputs[index];
  if (input?.dtype !== dtype) throw new GraphError(`operand ${index} must be ${dtype}`);
  return input as Tensor<D>;
}
