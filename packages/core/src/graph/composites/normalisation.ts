// Root-mean-square and layer normalisation over the last axis.
import { add, applyComposite, matmul, mean, multiply, reshape, rsqrt, subtract } from '../build.js';
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
import { floats, sizeOf } from './operands.js';

interface NormOptions {
  /** Added to the mean square (or variance) before the root. */
  readonly epsilon: number;
}

/** What a backend's kernel for `rmsNorm` goes by: operands x `[…, n]` and weight `[n]`. */
export const rmsNormDefinition: CompositeDefinition<NormOptions> = {
  name: 'rmsNorm',
  body(inputs, { epsilon }) {
    const [x, weight] = floats(inputs, 2);
    return multiply(multiply(x, inverseRoot(x, epsilon)), weight);
  },
  // With n = x·r and y = n·w: dx = r·(ct·w − n·mean(ct·n·w)); the mean is a product of the weight gradient's rows with w.
  gradient({ inputs, cotangent, options: { epsilon } }) {
    const [x, weight] = floats(inputs, 2);
    const [ct] = floats([cotangent], 1);
    const size = sizeOf(x, -1);
    const r = inverseRoot(x, epsilon); // [..., 1]
    const n = multiply(x, r);
    const rows = multiply(ct, n);
    const dots = reshape(matmul(reshape(rows, [-1, size]), reshape(weight, [size, 1])), r.shape); // [..., n] -> [..., 1]
    return [multiply(subtract(multiply(ct, weight), multiply(n, multiply(dots, 1 / size))), r), rows];
  },
};

/** rsqrt(mean(x²) + ε) over the last axis: `[…, n]` gives `[…, 1]`. */
function inverseRoot(x: Tensor<FloatDType>, epsilon: number): Tensor<FloatDType> {
  return rsqrt(add(mean(multiply(x, x), [-1]), epsilon));
}

/**
 * x · rsqrt(mean(x²) + ε) · weight over the last axis, ε = `options.epsilon`: `[…, n]`, `[n]` give `[…, n]` (Zhang & Sennrich
 * 2019, eq. 4).
 */
export function rmsNorm<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<NoInfer<D>>,
  options: NormOptions,
): Tensor<D> {
  return applyComposite(rmsNormDefinition, [x, weight], options);
}

/** What a backend's kernel for `layerNorm` goes by: operands x `[…, n]`, weight and bias `[n]`. */
export const layerNormDefinition: CompositeDefinition<NormOptions> = {
  name: 'layerNorm',
  body(inputs, { epsilon }) {
    const [x, weight, bias] = floats(inputs, 3);
    const centred = subtract(x, mean(x, [-1]));
    return add(multiply(multiply(centred, inverseRoot(centred, epsilon)), weight), bias);
  },
  // With n the normalised rows and g = ct·w: dx = r·(g − mean(g) − n·mean(g·n)).
  gradient({ inputs, cotangent, options: { epsilon } }) {
    const [x, weight] = floats(inputs, 2);
    const [ct] = floats([cotangent], 1);
    const centred = subtract(x, mean(x, [-1]));
    const r = inverseRoot(centred, epsilon); // [..., 1]
    const n = multiply(centred, r);
    const g = multiply(ct, weight);
    const across = subtract(g, multiply(n, mean(multiply(g, n), [-1])));
    return [multiply(subtract(across, mean(g, [-1])), r), multiply(ct, n), ct];
  },
};

/**
 * (x − mean) · rsqrt(variance + ε) · weight + bias over the last axis, ε = `options.epsilon`, variance without Bessel's
 * correction: `[…, n]`, `[n]`, `[n]` give `[…, n]` (Ba et al. 2016).
 */
export function layerNorm<D extends FloatDType>(
  x: Tensor<D>,
  weight: Tensor<NoInfer<D>>,
  bias: Tensor<NoInfer<D>>,
  options: NormOptions,
): Tensor<D> {
  return applyComposite(layerNormDefinition, [x, weight, bias], options);
}
