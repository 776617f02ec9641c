// Width importance from activations, as NVIDIA's Model-Optimizer computes it, under any of the nine aggregations.
import { at, strategy, type Architecture, type Observation, type Statistics } from '@espalier/core';
import { multiply, reshape, sqrt, sum } from '@espalier/core/graph';
import { z } from 'zod';
import {
  aggregationNamed,
  aggregationNames,
  aggregations,
  l2Mean,
  type Aggregation,
} from './aggregation/aggregation.js';
import { moment, momentOf, tapSource, type Source } from './aggregation/moments.js';
import { added } from './structures.js';

/**
 * Score of a channel = the aggregation of its activations x, when not given otherwise √Σ_sequences (mean_t |x|)² (Muralidharan
 * et al. 2024, section 2.2; places and order of NVIDIA's Model-Optimizer): neurons at the input of the down projection, heads
 * at the input of the output projection (L2 over the head's channels), hidden channels at the outputs of both norms of every
 * block, summed over the norms; the final norm is not among them. `score` throws `InputError` for statistics that were not
 * calibrated for it.
 */
export const activationScorer = strategy('scorer', {
  name: 'activation',
  summary:
    'aggregated activations for ffn, heads and hidden; by default mean |x| over the sequence, L2 over the batch (Minitron)',
  options: z.strictObject({
    aggregation: z
      .enum(aggregationNames)
      .default(l2Mean.name)
      .describe(
        "how a channel's activations become one score: over the batch, then over the sequence; l2-mean is the paper's winner",
      ),
    headNorm: z
      .enum(['after', 'before'])
      .default('after')
      .describe(
        "whether a head's channels become one number after aggregation (NVIDIA's code), or before it, token by token (the paper's formula)",
      ),
    moments: z
      .enum(['all', 'needed'])
      .default('all')
      .describe(
        "what calibration keeps: what all nine aggregations need, so that they can be compared later, or this one's",
      ),
  }),
  create({ headNorm, moments, ...options }) {
    const aggregation = aggregationNamed(options.aggregation);
    return {
      axes: ['ffn', 'heads', 'hidden'],
      observe(architecture) {
        const wanted = moments === 'all' ? aggregations : [aggregation];
        return layerNumbers(architecture).flatMap((layer) => {
          const { ffn, attentionNorm, ffnNorm } = sources(architecture, layer);
          const heads = headSource(architecture, layer, headNorm);
          return [attentionNorm, heads, ffnNorm, ffn].flatMap((source) => momentsFor(source, wanted));
        });
      },
      score({ statistics, architecture }) {
        const all = layerNumbers(architecture);
        const norm = (source: Source): readonly number[] => aggregated(statistics, source, aggregation);
        const norms = all.flatMap((layer) => {
          const { attentionNorm, ffnNorm } = sources(architecture, layer);
          return [norm(attentionNorm), norm(ffnNorm)];
        });
        return {
          ffn: all.map((layer) => norm(sources(architecture, layer).ffn)),
          heads: all.map((layer) => {
            const own = norm(headSource(architecture, layer, headNorm));
            return headNorm === 'before' ? own : norms2(own, architecture.sizes.headDim);
          }),
          hidden: norms.reduce(added),
        };
      },
    };
  },
});

function layerNumbers({ layers }: Architecture): readonly number[] {
  return Array.from({ length: layers }, (_, layer) => layer);
}

function sources({ sizes }: Architecture, layer: number) {
  return {
    attentionNorm: tapSource('attentionNorm', layer, sizes.hidden),
    ffnNorm: tapSource('ffnNorm', layer, sizes.hidden),
    ffn: tapSource('ffnActivation', layer, sizes.ffn),
  };
}

/** The channels of all heads, or each head's norm at each token. */
function headSource({ sizes }: Architecture, layer: number, headNorm: 'after' | 'before'): Source {
  const { heads, headDim } = sizes;
  if (headNorm === 'after') return tapSource('attentionOutput', layer, heads * headDim);
  return {
    name: `headNorm/${layer}`,
    size: heads,
    read(tap) {
      const x = reshape(tap('attentionOutput', layer), [-1, heads, headDim]); // [N, H·D] -> [N, H, D]
      return reshape(sqrt(sum(multiply(x, x), [2])), [-1, heads]);
    },
  };
}

/** Every sum that one of the aggregations needs, once. */
function momentsFor(source: Source, wanted: readonly Aggregation[]): readonly Observation[] {
  const all = wanted.flatMap(({ sequence, sums }) => sums.map((own) => moment(source, sequence, own)));
  return [...new Map(all.map((own) => [own.key, own])).values()];
}

function aggregated(
  statistics: Statistics,
  source: Source,
  { sequence, sums, combine }: Aggregation,
): readonly number[] {
  // `combine` does not look at what it does not ask for.
  const read = (own: 'sum' | 'squares'): ArrayLike<number> =>
    sums.includes(own) ? momentOf(statistics, source, sequence, own) : new Float64Array(source.size);
  const [first, second] = [read('sum'), read('squares')];
  return Array.from({ length: source.size }, (_, channel) =>
    combine(at(first, channel), at(second, channel), statistics.samples),
  );
}

/** ‖·‖₂ over each run of `length` numbers. */
function norms2(values: readonly number[], length: number): readonly number[] {
  return Array.from({ length: values.length / length }, (_, index) =>
    Math.hypot(...values.slice(index * length, (index + 1) * length)),
  );
}
