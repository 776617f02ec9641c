// The suite that every pruner must pass. In a spec file: describePruner(myPruner, { axes: ['layers'] }).
import { describe, expect, test } from 'vitest';
import {
  at,
  planArchitecture,
  random,
  type Architecture,
  type PrunePlan,
  type Pruner,
  type Scores,
} from '@espalier/core';
import { tinyArchitecture } from './tiny-model.js';

/** Sizes that a pruner changes. */
export type PrunerAxis = 'layers' | 'hidden' | 'ffn' | 'heads';

/** What is promised beyond being a pruner. */
export interface PrunerPromises {
  /** Sizes it can change; layers when not given. */
  readonly axes?: readonly PrunerAxis[];
}

const before = tinyArchitecture({ layers: 6, hidden: 16, ffn: 20, heads: 8, kvHeads: 2 });

function shape(axes: readonly PrunerAxis[], part: number): Architecture {
  const { layers, sizes } = before;
  const size = (axis: PrunerAxis, from: number, unit = 1): number =>
    axes.includes(axis) ? Math.max(unit, Math.round((from * part) / unit) * unit) : from;
  return {
    ...before,
    layers: size('layers', layers),
    sizes: {
      ...sizes,
      hidden: size('hidden', sizes.hidden),
      ffn: size('ffn', sizes.ffn),
      heads: size('heads', sizes.heads, sizes.kvHeads),
    },
  };
}

function drawnScores(seed: number): Scores {
  const stream = random(seed);
  const list = (count: number): readonly number[] => Array.from({ length: count }, () => stream.uniform());
  const perLayer = (count: number): readonly (readonly number[])[] => list(before.layers).map(() => list(count));
  const { hidden, ffn, heads } = before.sizes;
  return { hidden: list(hidden), ffn: perLayer(ffn), heads: perLayer(heads), layers: list(before.layers) };
}

/**
 * Declares the suite's tests: a plan leaves exactly the target's sizes, plans of smaller targets keep a part of what those of
 * larger ones keep, equal scores give equal plans, and what is given stays as it was.
 */
export function describePruner(pruner: Pruner, { axes = ['layers'] }: PrunerPromises = {}): void {
  const seeds = [1, 2, 3];
  describe(`pruner ${pruner.name}`, () => {
    test.each(seeds)('its plan leaves exactly the target (scores of seed %d)', (seed) => {
      for (const part of [1, 0.75, 0.5, 0.25]) {
        const target = shape(axes, part);
        const after = planArchitecture(before, pruner.plan(before, drawnScores(seed), target));
        expect({ layers: after.layers, sizes: after.sizes }).toEqual({ layers: target.layers, sizes: target.sizes });
      }
    });

    test('plans nest: what a smaller target keeps, a larger one keeps too', () => {
      const scores = drawnScores(4);
      const [small, large] = [0.5, 0.75].map((part) => pruner.plan(before, scores, shape(axes, part)));
      if (small === undefined || large === undefined) throw new Error('no plans');
      expect(small.layers.filter((layer) => !large.layers.includes(layer))).toEqual([]);
      expect(small.hidden.filter((own) => !large.hidden.includes(own))).toEqual([]);
      for (const [index, layer] of small.layers.entries()) {
        for (const axis of ['ffn', 'heads'] as const) expect(beyond(small, large, axis, index, layer)).toEqual([]);
      }
    });

    test('equal scores and targets give equal plans, and what it is given stays as it was', () => {
      const scores = drawnScores(5);
      const copy = structuredClone(scores);
      const target = shape(axes, 0.5);
      expect(pruner.plan(before, scores, target)).toEqual(pruner.plan(before, scores, target));
      expect(scores).toEqual(copy);
    });
  });
}

/** What `small` keeps in a layer that `large` does not. */
function beyond(
  small: PrunePlan,
  large: PrunePlan,
  axis: 'ffn' | 'heads',
  index: number,
  layer: number,
): readonly number[] {
  const place = large.layers.indexOf(layer);
  const other = place === -1 ? [] : at(large[axis], place);
  return at(small[axis], index).filter((own) => !other.includes(own));
}
