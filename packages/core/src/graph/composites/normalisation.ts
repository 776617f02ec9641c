// Root-mean-square and layer normalisation over the last axis.
import { add, applyComposite, mean, multiply, rsqrt, subtract } from '../build.js';
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
import { floats } from './operands.js';

interface NormOptions {
  /** Added to the mean square (or variance) before the root. */
  readonly epsilon: number;
}

const rmsNormDefinition: CompositeDefinition<NormOptions> = {
  name: 'rmsNorm',
  body(inputs, { epsilon }) {
    const [x, weight] = floats(inputs, 2);
    const scale = rsqrt(add(mean(multiply(x, x), [-1]), epsilon));
    return multiply(multiply(x, scale), weight);
  },
};

/** x · rsqrt(mean(x²) + ε) · weight over the last axis: `[…, n]`, `[n]` give `[…, n]` (Zhang & Sennrich 2019, eq. 4). */
export function rmsNorm<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<NoInfer<D>>,
  options: NormOptions,
): Tensor<D> {
  return applyComposite(rmsNormDefinition, [x, weight], options);
}

const layerNormDefinition: CompositeDefinition<NormOptions> = {
  name: 'layerNorm',
  body(inputs, { epsilon }) {
    const [x, weight, bias] = floats(inputs, 3);
    const centred = subtract(x, mean(x, [-1]));
    const scale = rsqrt(add(mean(multiply(centred, centred), [-1]), epsilon));
    return add(multiply(multiply(centred, scale), weight), bias);
  },
};

/** (x − mean) · rsqrt(variance + ε) · weight + bias over the last axis; variance without Bessel's correction. */
export function layerNorm<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<NoInfer<D>>,
  bias: Tensor<NoInfer<D>>,
  options: NormOptions,
): Tensor<D> {
  return applyComposite(layerNormDefinition, [x, weight, bias], options);
}
