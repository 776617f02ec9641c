// Width importance from activations, as NVIDIA's Model-Optimizer computes it: mean over the sequence, L2 over the batch.
import {
  abs,
  divide,
  matmul,
  maximum,
  multiply,
  reshape,
  statistic,
  sum,
  type Architecture,
  type ImportanceScorer,
  type Observation,
  type ObservedRows,
  type Statistics,
  type TapName,
  type Tensor,
} from '@espalier/core';

type Float = Tensor<'float32'>;

/**
 * Score of a channel = √Σ_samples (mean over valid tokens of |activation|)² (Muralidharan et al. 2024, section 2.2, batch L2 and
 * sequence mean; places and order of NVIDIA's Model-Optimizer): neurons at the input of the down projection, heads at the
 * input of the output projection (L2 over the head's channels), hidden channels at the outputs of both norms of every block, summed
 * over the norms; the final norm is not among them.
 */
export const activationScorer: ImportanceScorer = {
  name: 'activation',
  summary: 'mean |activation| over the sequence, L2 over the batch, for ffn, heads and hidden (Minitron)',
  observe({ layers, sizes }: Architecture) {
    const { ffn, heads, headDim, hidden } = sizes;
    return layerNumbers(layers).flatMap((layer) => [
      squaredMeans(keys.ffn(layer), 'ffnActivation', layer, ffn),
      squaredMeans(keys.heads(layer), 'attentionOutput', layer, heads * headDim),
      squaredMeans(keys.attentionNorm(layer), 'attentionNorm', layer, hidden),
      squaredMeans(keys.ffnNorm(layer), 'ffnNorm', layer, hidden),
    ]);
  },
  score(statistics, { layers, sizes }) {
    const all = layerNumbers(layers);
    const norms = all.flatMap((layer) => [keys.attentionNorm(layer), keys.ffnNorm(layer)]);
    return {
      ffn: all.map((layer) => roots(statistics, keys.ffn(layer))),
      heads: all.map((layer) => headNorms(statistics, keys.heads(layer), sizes.headDim)),
      hidden: norms.map((key) => roots(statistics, key)).reduce((a, b) => a.map((own, index) => own + (b[index] ?? 0))),
    };
  },
};

const keys = {
  ffn: (layer: number): string => `activation/ffn/${layer}`,
  heads: (layer: number): string => `activation/heads/${layer}`,
  attentionNorm: (layer: number): string => `activation/attentionNorm/${layer}`,
  ffnNorm: (layer: number): string => `activation/ffnNorm/${layer}`,
};

function layerNumbers(layers: number): readonly number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}

/** Σ_sequences (mean over valid tokens of |x|)² of each channel. */
function squaredMeans(key: string, tap: TapName, layer: number, channels: number): Observation {
  return {
    key,
    shape: [channels],
    observe(read, rows) {
      const { batch, length } = rows;
      const sizes = reshape(abs(read(tap, layer)), [batch, length, channels]); // [N, n] -> [B, T, n]
      const means = matmul(tokenShares(rows), sizes); // [B, 1, T] · [B, T, n] -> [B, 1, n]
      return reshape(sum(multiply(means, means), [0, 1]), [channels]);
    },
  };
}

/** 1 / (valid tokens of the sequence) at its valid tokens, else 0: `[B, 1, T]`. */
function tokenShares({ weights, batch, length }: ObservedRows): Float {
  return reshape(divide(weights, maximum(sum(weights, [1]), 1)), [batch, 1, length]);
}

function roots(statistics: Statistics, key: string): readonly number[] {
  return Array.from(statistic(statistics, key), Math.sqrt);
}

/** ‖√acc‖₂ over the channels of each head. */
function headNorms(statistics: Statistics, key: string, headDim: number): readonly number[] {
  const squares = statistic(statistics, key);
  return Array.from({ length: squares.length / headDim }, (_, head) =>
    Math.sqrt(squares.subarray(head * headDim, (head + 1) * headDim).reduce((a, b) => a + b, 0)),
  );
}
