// Importance from the weights alone: the baseline that reads no text.
import { at, present, strategy, type Architecture, type Scores } from '@espalier/core';
import { added, perUnit, weightSums } from './structures.js';

/**
 * Score of a unit = √Σw² over everything that would go with it (structured magnitude, Li et al. 2017, with L2 for L1): rows and
 * columns of every weight that has the unit's axis; for layers all their weights, for halves those with their axes.
 */
export const magnitudeScorer = strategy('scorer', {
  name: 'magnitude',
  summary: 'L2 norm of the weights that would go, for every axis; needs no text',
  create: () => ({
    axes: ['ffn', 'heads', 'kvHeads', 'hidden', 'layers', 'attention', 'feedForward'],
    observe: () => [],
    async score(observed): Promise<Scores> {
      const { layers } = observed.architecture;
      const found = empty(observed.architecture);
      let hidden: readonly number[] | undefined;
      const all = weightSums(
        observed,
        () => true,
        (element) => element * element,
      );
      for await (const { spec, along } of all) {
        const { layer } = spec;
        spec.axes.forEach((axis, index) => {
          const sums = perUnit(axis, at(along, index), observed);
          if (axis === 'hidden') hidden = added(hidden, sums);
          if (layer === undefined) return;
          if (axis === 'ffn') found.ffn[layer] = added(found.ffn[layer], sums);
          if (axis === 'heads·headDim') found.heads[layer] = added(found.heads[layer], sums);
          if (axis === 'kvHeads·headDim') found.kvHeads[layer] = added(found.kvHeads[layer], sums);
        });
        if (layer === undefined) continue;
        const total = at(along, 0).reduce((a, b) => a + b, 0);
        found.layers[layer] = at(found.layers, layer) + total;
        if (spec.axes.includes('ffn')) found.feedForward[layer] = at(found.feedForward, layer) + total;
        if (spec.axes.includes('heads·headDim') || spec.axes.includes('kvHeads·headDim')) {
          found.attention[layer] = at(found.attention, layer) + total;
        }
      }
      const lists = (squares: readonly (readonly number[])[]) =>
        squares.slice(0, layers).map((own) => own.map(Math.sqrt));
      return {
        ffn: lists(found.ffn),
        heads: lists(found.heads),
        kvHeads: lists(found.kvHeads),
        hidden: present(hidden, 'a weight with the axis hidden').map(Math.sqrt),
        layers: found.layers.map(Math.sqrt),
        attention: found.attention.map(Math.sqrt),
        feedForward: found.feedForward.map(Math.sqrt),
      };
    },
  }),
});

/** Sums of squares so far. */
interface Sums {
  readonly ffn: (readonly number[])[];
  readonly heads: (readonly number[])[];
  readonly kvHeads: (readonly number[])[];
  readonly layers: number[];
  readonly attention: number[];
  readonly feedForward: number[];
}

function empty({ layers }: Architecture): Sums {
  const zeros = (): number[] => Array.from({ length: layers }, () => 0);
  return { ffn: [], heads: [], kvHeads: [], layers: zeros(), attention: zeros(), feedForward: zeros() };
}
