// Depth importance: how far a layer turns what passes through it.
import {
  divide,
  maximum,
  multiply,
  reshape,
  sqrt,
  statistic,
  subtract,
  sum,
  type Architecture,
  type ImportanceScorer,
  type Tensor,
} from '@espalier/core';

type Float = Tensor<'float32'>;

/** Score of a layer = mean over valid tokens of 1 − cos(block input, block output) (Men et al. 2024; Muralidharan et al. 2024, section 2.2). */
export const blockInfluenceScorer: ImportanceScorer = {
  name: 'block-influence',
  summary: '1 − cos(block input, block output), mean over valid tokens, for layers',
  observe({ layers }: Architecture) {
    return Array.from({ length: layers }, (_, layer) => ({
      key: keyOf(layer),
      size: 1,
      observe(tap, { weights, batch }) {
        // 1 − cos as half the squared distance of unit vectors: exact where the cosine is near 1.
        const distance = subtract(unit(tap('blockInput', layer)), unit(tap('blockOutput', layer)));
        const perToken = reshape(sum(multiply(distance, distance), [-1]), weights.shape); // [N, C] -> [B, T]
        return reshape(sum(multiply(multiply(perToken, 0.5), weights), [1]), [batch, 1]);
      },
    }));
  },
  score({ statistics, architecture: { layers } }) {
    const total = (layer: number): number => statistic(statistics, keyOf(layer))[0] ?? NaN;
    return { layers: Array.from({ length: layers }, (_, layer) => total(layer) / statistics.tokens) };
  },
};

const keyOf = (layer: number): string => `block-influence/${layer}`;

/** Rows of length 1; rows of zeros stay zero. */
function unit(x: Float): Float {
  return divide(x, maximum(sqrt(sum(multiply(x, x), [-1])), 1e-8));
}
