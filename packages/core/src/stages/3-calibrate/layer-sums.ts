// The most common statistic in one line: a function of a tap, summed over the valid tokens of each sequence, in every layer.
import { matmul, reshape, type Tensor } from '../../graph/index.js';
import type { Architecture, TapName } from '../../model/index.js';
import type { Observation, ObservedRows } from './observation.js';
import { statistic, type Statistics } from './statistics.js';
import { at } from '../../look-up.js';

type Float = Tensor<'float32'>;

/**
 * Σ over the tokens of each sequence, times their weights: `[N, n]` gives `[B, n]`. A product, so that padding cannot enter.
 * Throws `GraphError` when N is not B·T.
 */
export function sequenceSum(x: Float, { weights, batch, length }: ObservedRows): Float {
  const size = at(x.shape, 1);
  const row = reshape(weights, [batch, 1, length]);
  return reshape(matmul(row, reshape(x, [batch, length, size])), [batch, size]); // [B, 1, T] · [B, T, n]
}

/** One value for each layer, 0-based and in order. */
export function perLayer<Value>(layers: number, of: (layer: number) => Value): readonly Value[] {
  return Array.from({ length: layers }, (_, layer) => of(layer));
}

/** Σ over valid tokens of `of(x)`, `[N, n]` to `[N, n]`, at a tap of every layer; `name` begins the keys. */
export function layerSums(
  name: string,
  tap: TapName,
  { layers, sizes }: Architecture,
  of: (x: Float) => Float,
): readonly Observation[] {
  const widths: Partial<Record<TapName, number>> = {
    ffnActivation: sizes.ffn,
    attentionOutput: sizes.heads * sizes.headDim,
  };
  return perLayer(layers, (layer) => ({
    key: `${name}/${layer}`,
    size: widths[tap] ?? sizes.hidden,
    observe: (read, rows) => sequenceSum(of(read(tap, layer)), rows),
  }));
}

/** Those sums over the whole sample, layer by layer. Throws `InputError` when they were not calibrated. */
export function layerStatistics(statistics: Statistics, name: string, layers: number): readonly Float64Array[] {
  return perLayer(layers, (layer) => statistic(statistics, `${name}/${layer}`));
}
