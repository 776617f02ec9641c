// Depth importance: how far a layer, a block of neighbouring layers, or a half of a layer turns what passes through it.
import {
  at,
  statistic,
  strategy,
  type Architecture,
  type BlockScore,
  type Observation,
  type Statistics,
  type TapReader,
} from '@espalier/core';
import { divide, maximum, multiply, reshape, sqrt, subtract, sum, type Tensor } from '@espalier/core/graph';
import { z } from 'zod';
import { count } from '../options.js';

type Float = Tensor<'float32'>;

/**
 * Score of a layer = mean over valid tokens of 1 − cos(input, output) (Men et al. 2024; Muralidharan et al. 2024, section 2.2,
 * "BI"), of a half likewise from before to after it.
 */
export const blockInfluenceScorer = strategy('scorer', {
  name: 'block-influence',
  summary: '1 − cos(block input, block output), mean over valid tokens, for layers',
  options: z.strictObject({
    blocks: z
      .array(count)
      .default([])
      .describe('lengths of further blocks, in layers, that `influenceOfBlocks` can then be asked for'),
    halves: z
      .boolean()
      .default(false)
      .describe('whether the attention and the feed-forward half of each layer are scored as well'),
  }),
  create: ({ blocks, halves }) => ({
    axes: halves ? ['layers', 'attention', 'feedForward'] : ['layers'],
    observe({ layers }) {
      const lengths = [...new Set([1, ...blocks])].filter((length) => length <= layers);
      return [
        ...lengths.flatMap((length) =>
          starts(layers, length).map((start) =>
            turn(blockKey(start, length), stateAt('blockInput', start), stateAt('blockOutput', start + length - 1)),
          ),
        ),
        ...(halves ? starts(layers, 1) : []).flatMap((layer) => [
          turn(halfKey('attention', layer), stateAt('blockInput', layer), stateAt('ffnInput', layer)),
          turn(halfKey('feedForward', layer), stateAt('ffnInput', layer), stateAt('blockOutput', layer)),
        ]),
      ];
    },
    score({ statistics, architecture }) {
      const layers = influenceOfBlocks(statistics, architecture, 1).map(({ score }) => score);
      if (!halves) return { layers };
      const half = (own: 'attention' | 'feedForward'): readonly number[] =>
        layers.map((_, layer) => perToken(statistics, halfKey(own, layer)));
      return { layers, attention: half('attention'), feedForward: half('feedForward') };
    },
  }),
});

/**
 * Scores of all blocks of `length` layers, 1 − cos(input of the first, output of the last) as for a layer (Gromov et al. 2024).
 * Throws `InputError` when that length was not calibrated.
 */
export function influenceOfBlocks(
  statistics: Statistics,
  { layers }: Architecture,
  length: number,
): readonly BlockScore[] {
  return starts(layers, length).map((start) => ({
    start,
    length,
    score: perToken(statistics, blockKey(start, length)),
  }));
}

function starts(layers: number, length: number): readonly number[] {
  return Array.from({ length: layers - length + 1 }, (_, start) => start);
}

function blockKey(start: number, length: number): string {
  return `block-influence/${length === 1 ? start : `${start}–${start + length - 1}`}`;
}

function halfKey(half: 'attention' | 'feedForward', layer: number): string {
  return `block-influence/${half}/${layer}`;
}

function perToken(statistics: Statistics, key: string): number {
  return at(statistic(statistics, key), 0) / statistics.tokens;
}

type Place = (tap: TapReader) => Float;

function stateAt(name: 'blockInput' | 'ffnInput' | 'blockOutput', layer: number): Place {
  return (tap) => tap(name, layer);
}

/** Σ over valid tokens of 1 − cos(x, y). */
function turn(key: string, from: Place, to: Place): Observation {
  return {
    key,
    size: 1,
    observe(tap, { weights, batch }) {
      const [x, y] = [from(tap), to(tap)];
      const [a, b] = [norm(x), norm(y)];
      // 1 − cos = (|x − y|² − (|x| − |y|)²) / 2|x||y|: exact where the cosine is near 1, in fewer passes than with unit vectors.
      const apart = subtract(squares(subtract(x, y)), squares(subtract(a, b))); // [N, 1]
      const turned = divide(maximum(apart, 0), multiply(maximum(multiply(a, b), 1e-30), 2));
      const rows = reshape(turned, weights.shape); // [N, 1] -> [B, T]
      return reshape(sum(multiply(rows, weights), [1]), [batch, 1]);
    },
  };
}

function squares(x: Float): Float {
  return sum(multiply(x, x), [-1]);
}

function norm(x: Float): Float {
  return sqrt(squares(x));
}
