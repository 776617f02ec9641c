// Rotary position embedding.
import { add, applyComposite, concat, multiply, negate, slice, subtract } from '../build.js';
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
import { floats, sizeOf } from './operands.js';

/** What a backend's kernel for `rotary` goes by: operands x `[B, H, T, D]`, cosines and sines `[T, half]`. */
export const rotaryDefinition: CompositeDefinition<undefined> = {
  name: 'rotary',
  body(inputs) {
    const [x, cosines, sines] = floats(inputs, 3);
    const size = sizeOf(x, -1);
    const half = sizeOf(cosines, -1);
    const [a, b] = [slice(x, -1, 0, half), slice(x, -1, half, 2 * half)];
    const turned = [
      subtract(multiply(a, cosines), multiply(b, sines)), // first half
      add(multiply(b, cosines), multiply(a, sines)), // second half
    ];
    return concat(2 * half === size ? turned : [...turned, slice(x, -1, 2 * half, size)], -1);
  },
  // A rotation's transpose is the rotation by the opposite angle. What the tables get costs nothing where they are constant.
  gradient({ inputs, cotangent }) {
    const [x, cosines, sines] = floats(inputs, 3);
    const [ct] = floats([cotangent], 1);
    const half = sizeOf(cosines, -1);
    const halves = (of: Tensor<FloatDType>): readonly [Tensor<FloatDType>, Tensor<FloatDType>] => [
      slice(of, -1, 0, half),
      slice(of, -1, half, 2 * half),
    ];
    const [[a, b], [ctA, ctB]] = [halves(x), halves(ct)];
    return [
      rotary(ct, cosines, negate(sines)),
      add(multiply(ctA, a), multiply(ctB, b)),
      subtract(multiply(ctB, a), multiply(ctA, b)),
    ];
  },
};

/**
 * Rotates the pairs (a, b) = (x_d, x_{d + half}) of the last axis to (a·cos − b·sin, b·cos + a·sin) (Su et al. 2021; half-split
 * order, as Hugging Face checkpoints have it): `x [B, H, T, D]`, `cosines` and `sines` `[T, half]`. Channels past 2·half pass
 * through (partial rotary).
 */
export function rotary<D extends FloatDType>(
  x: Tensor<D>,
  cosines: Tensor<NoInfer<D>>,
  sines: Tensor<NoInfer<D>>,
): Tensor<D> {
  return applyComposite(rotaryDefinition, [x, cosines, sines], undefined);
}
