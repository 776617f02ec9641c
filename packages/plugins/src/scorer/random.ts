// No importance at all: what every scorer must beat.
import { strategy } from '@espalier/core';

/** Uniform numbers in [0, 1) for every axis, from the run's seed: the same at every call. The baseline that a scorer has to beat. */
export const randomScorer = strategy('scorer', {
  name: 'random',
  summary: 'seeded random numbers for every axis: the baseline',
  create: () => ({
    axes: ['ffn', 'heads', 'kvHeads', 'hidden', 'layers', 'attention', 'feedForward'],
    observe: () => [],
    score({ architecture: { layers, sizes }, random }) {
      const list = (label: string, count: number): readonly number[] => {
        const stream = random.fork(`random scorer: ${label}`);
        return Array.from({ length: count }, () => stream.uniform());
      };
      const perLayer = (axis: 'ffn' | 'heads' | 'kvHeads'): readonly (readonly number[])[] =>
        Array.from({ length: layers }, (_, layer) => list(`${axis} ${layer}`, sizes[axis]));
      return {
        ffn: perLayer('ffn'),
        heads: perLayer('heads'),
        kvHeads: perLayer('kvHeads'),
        hidden: list('hidden', sizes.hidden),
        layers: list('layers', layers),
        attention: list('attention', layers),
        feedForward: list('feedForward', layers),
      };
    },
  }),
});
