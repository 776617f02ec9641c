// The mean over the rows that count, as every loss term takes it.
import { divide, maximum, multiply, reshape, stopGradient, sum, type Tensor } from '../../graph/index.js';

type Float = Tensor<'float32'>;

/**
 * Σ wᵢ·xᵢ / Σ wᵢ: `perRow` of N elements and `weights [N]` give a scalar, 0 (as is the gradient) when every row is masked.
 * The values of masked rows must be finite. Throws `GraphError` when the sizes do not agree.
 */
export function rowMean(perRow: Float, weights: Float): Float {
  const own = stopGradient(weights);
  const share = divide(own, maximum(sum(own), 1e-9));
  return reshape(sum(multiply(reshape(perRow, [-1]), share)), []);
}
