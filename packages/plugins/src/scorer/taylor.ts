// First-order importance: how much the loss would change if a unit's output were scaled down to nothing, to first order.
import {
  at,
  statistic,
  strategy,
  type Architecture,
  type Observation,
  type ObservedRows,
  type TapName,
  type TapReader,
} from '@espalier/core';
import { abs, add, matmul, multiply, reshape, sum, type Tensor } from '@espalier/core/graph';
import { added } from './structures.js';

type Float = Tensor<'float32'>;

/**
 * Score of a unit = Σ_sequences |Σ_t x_t·∂L/∂x_t|, with x the unit's activation and L the sequence's mean cross-entropy: the
 * derivative of the loss by a gate on the unit (Molchanov et al. 2019, eq. 8 without the square; Michel et al. 2019, eq. 2, for heads).
 * Neurons at the input of the down projection, heads at the input of the output projection (summed over their channels), hidden
 * channels at both norms of every block, summed over the norms; a half of a layer is its heads or its neurons together, a layer both.
 * Needs a backward pass.
 */
export const taylorScorer = strategy('scorer', {
  name: 'taylor',
  summary: 'Σ over sequences of |Σ x·∂L/∂x|, the loss by a gate on the unit, for every axis; needs gradients',
  create: () => ({
    axes: ['ffn', 'heads', 'hidden', 'layers', 'attention', 'feedForward'],
    observe({ layers, sizes: { ffn, heads, headDim, hidden } }) {
      return layerNumbers(layers).flatMap((layer): readonly Observation[] => {
        const attention = gates('attentionOutput', layer);
        const feedForward = gates('ffnActivation', layer);
        return [
          observation(key('hidden', layer, 'attention'), hidden, gates('attentionNorm', layer)),
          observation(key('heads', layer), heads, (tap, rows) =>
            reshape(sum(reshape(attention(tap, rows), [rows.batch, heads, headDim]), [2]), [rows.batch, heads]),
          ),
          observation(key('hidden', layer, 'ffn'), hidden, gates('ffnNorm', layer)),
          observation(key('ffn', layer), ffn, feedForward),
          observation(key('attention', layer), 1, (tap, rows) => sum(attention(tap, rows), [1])),
          observation(key('feedForward', layer), 1, (tap, rows) => sum(feedForward(tap, rows), [1])),
          observation(key('layers', layer), 1, (tap, rows) =>
            add(sum(attention(tap, rows), [1]), sum(feedForward(tap, rows), [1])),
          ),
        ];
      });
    },
    score({ statistics, architecture }) {
      const all = layerNumbers(architecture.layers);
      const list = (axis: string, layer: number, part?: string): readonly number[] =>
        Array.from(statistic(statistics, key(axis, layer, part)));
      const one = (axis: string): readonly number[] => all.map((layer) => at(list(axis, layer), 0));
      const norms = all.flatMap((layer) => [list('hidden', layer, 'attention'), list('hidden', layer, 'ffn')]);
      return {
        ffn: all.map((layer) => list('ffn', layer)),
        heads: all.map((layer) => list('heads', layer)),
        hidden: norms.reduce(added),
        layers: one('layers'),
        attention: one('attention'),
        feedForward: one('feedForward'),
      };
    },
  }),
});

type Gates = (tap: TapReader, rows: ObservedRows) => Float;

/** ∂L/∂gate of every channel of a tap, per sequence: Σ_t x·∂L/∂x over valid tokens, `[B, n]`. */
function gates(name: TapName, layer: number): Gates {
  return (tap, { weights, batch, length }) => {
    const products = reshape(multiply(tap(name, layer), tap.gradient(name, layer)), [batch, length, -1]);
    return reshape(matmul(reshape(weights, [batch, 1, length]), products), [batch, -1]);
  };
}

function observation(name: string, size: number, own: Gates): Observation {
  return { key: name, size, observe: (tap, rows) => abs(own(tap, rows)) };
}

function key(axis: string, layer: number, part?: string): string {
  return `taylor/${axis}/${layer}${part === undefined ? '' : `/${part}`}`;
}

function layerNumbers(layers: Architecture['layers']): readonly number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}
