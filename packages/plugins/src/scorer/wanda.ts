// Importance from weights and what reaches them.
import { at, present, strategy, type Architecture, type TapName, type WeightSpec } from '@espalier/core';
import { moment, momentOf, tapSource, type Source } from './aggregation/moments.js';
import { added, perUnit, weightSums } from './structures.js';

/**
 * Score of a unit = Σ |w_ij|·‖x_j‖₂ over the weights that read it, ‖x_j‖₂ over all valid tokens of the sample (the score of Sun et
 * al. 2024, summed over a structure): neurons in the down projection, heads in the output projection, hidden channels in the
 * projections of all blocks.
 */
export const wandaScorer = strategy('scorer', {
  name: 'wanda',
  summary: 'Σ |weight| · ‖input‖₂ over the weights that read a unit, for ffn, heads and hidden (Wanda, summed)',
  create: () => ({
    axes: ['ffn', 'heads', 'hidden'],
    observe({ layers, sizes }) {
      const inputs: readonly TapName[] = ['attentionNorm', 'attentionOutput', 'ffnNorm', 'ffnActivation'];
      return Array.from({ length: layers }, (_, layer) =>
        inputs.map((tap) => moment(inputSource(tap, layer, sizes), 'l2', 'squares')),
      ).flat();
    },
    async score(observed) {
      const { statistics, architecture } = observed;
      const ffn: (readonly number[])[] = [];
      const heads: (readonly number[])[] = [];
      let hidden: readonly number[] | undefined;
      for await (const { spec, along } of weightSums(observed, reads, Math.abs)) {
        const { layer } = spec;
        const [tap, axis] = [inputTap(spec), spec.axes[1]];
        if (tap === undefined || axis === undefined || layer === undefined) continue;
        const squares = momentOf(statistics, inputSource(tap, layer, architecture.sizes), 'l2', 'squares');
        const products = at(along, 1).map((sum, column) => sum * Math.sqrt(at(squares, column)));
        const units = perUnit(axis, products, observed);
        if (axis === 'ffn') ffn[layer] = added(ffn[layer], units);
        else if (axis === 'hidden') hidden = added(hidden, units);
        else heads[layer] = added(heads[layer], units);
      }
      return { ffn, heads, hidden: present(hidden, 'a weight that reads the axis hidden') };
    },
  }),
});

function reads(spec: WeightSpec): boolean {
  return inputTap(spec) !== undefined;
}

/** What flows into a weight `[out, in]` of a block. */
function inputTap({ kind, layer, axes: [out, input] }: WeightSpec): TapName | undefined {
  if (kind !== 'matrix' || layer === undefined) return undefined;
  if (input === 'ffn') return 'ffnActivation';
  if (input === 'heads·headDim') return 'attentionOutput';
  return input === 'hidden' ? (out === 'ffn' ? 'ffnNorm' : 'attentionNorm') : undefined;
}

function inputSource(tap: TapName, layer: number, sizes: Architecture['sizes']): Source {
  const size = { ffnActivation: sizes.ffn, attentionOutput: sizes.heads * sizes.headDim };
  return tapSource(tap, layer, tap === 'ffnActivation' || tap === 'attentionOutput' ? size[tap] : sizes.hidden);
}
