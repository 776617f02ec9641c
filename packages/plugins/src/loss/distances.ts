// Distances between rows of two models: what the losses on states and on logits are made of.
import {
  maximum,
  mean,
  multiply,
  negate,
  add,
  rsqrt,
  stopGradient,
  subtract,
  sum,
  type Tensor,
} from '@espalier/core/graph';

type Float = Tensor<'float32'>;

/** How two rows are compared: (1/C)·Σ_c (s − t)², or 1 − s·t / (‖s‖·‖t‖) with norms of at least 1e-8 (PyTorch's cosine_similarity). */
export type Distance = 'mse' | 'cosine';

/** Distance of each row of the student's `[N, C]` from the teacher's: `[N, 1]`. */
export const distances: { readonly [Name in Distance]: (student: Float, teacher: Float) => Float } = {
  mse(student, teacher) {
    const difference = subtract(student, stopGradient(teacher));
    return mean(multiply(difference, difference), [-1]);
  },
  cosine(student, teacher) {
    const target = stopGradient(teacher);
    const product = sum(multiply(student, target), [-1]);
    return add(negate(multiply(product, multiply(inverseNorm(student), inverseNorm(target)))), 1);
  },
};

/** 1 / max(‖x‖, 1e-8) of each row, as PyTorch's cosine_similarity guards against rows of zeros. */
function inverseNorm(x: Float): Float {
  return rsqrt(maximum(sum(multiply(x, x), [-1]), 1e-16));
}
