// The suite that every layer mapping must pass. In a spec file: describeMapping(myMapping).
import { expect } from 'vitest';
import { InputError, type LayerMapping, type LayerPair } from '@espalier/core';
import { declareChecks, type StrategyCheck } from './strategy-check.js';

/** What is promised beyond being a mapping. */
export interface MappingPromises {
  /** Whether layers of two models of one depth meet their like; true when not given, false for pairs that a user names. */
  readonly identity?: boolean;
}

/** Layers of student and teacher: equal, half, no divisor, one, and a student deeper than its teacher. */
const depths: readonly (readonly [student: number, teacher: number])[] = [
  [6, 6],
  [16, 32],
  [5, 12],
  [3, 4],
  [1, 9],
  [1, 1],
  [8, 6],
];

/** The suite's checks. */
export function mappingChecks(
  mapping: LayerMapping,
  { identity = true }: MappingPromises = {},
): readonly StrategyCheck[] {
  /** What it says of depths that it does not refuse. Anything else than an `InputError` is no refusal. */
  const answered = (): readonly { student: number; teacher: number; pairs: readonly LayerPair[] }[] =>
    depths.flatMap(([student, teacher]) => {
      try {
        return [{ student, teacher, pairs: mapping.pairs(student, teacher) }];
      } catch (error) {
        if (error instanceof InputError) return [];
        throw error;
      }
    });
  return [
    {
      title: 'pairs layers, one pair at least, or refuses the depths with an InputError',
      run() {
        expect(answered()).not.toEqual([]);
        for (const { student, teacher, pairs } of answered()) expect(pairs, `${student} of ${teacher}`).not.toEqual([]);
      },
    },
    {
      title: 'names layers that both models have, 0-based',
      run() {
        for (const own of answered()) {
          const inside = (layer: number, layers: number): boolean =>
            Number.isInteger(layer) && layer >= 0 && layer < layers;
          const outside = own.pairs.filter(
            ({ student, teacher }) => !inside(student, own.student) || !inside(teacher, own.teacher),
          );
          expect(outside, `${own.student} of ${own.teacher}`).toEqual([]);
        }
      },
    },
    {
      title: 'gives no pair twice, and lets none cross: a later layer never meets an earlier one',
      run() {
        for (const { pairs, student, teacher } of answered()) {
          const sorted = pairs.toSorted((a, b) => a.student - b.student || a.teacher - b.teacher);
          const wrong = sorted.filter((pair, index) => {
            const before = sorted[index - 1];
            if (before === undefined) return false;
            return (
              pair.teacher < before.teacher || (pair.student === before.student && pair.teacher === before.teacher)
            );
          });
          expect(wrong, `${student} of ${teacher}`).toEqual([]);
        }
      },
    },
    {
      title: 'gives the same pairs again',
      run: () => expect(answered()).toEqual(answered()),
    },
    ...(identity
      ? [
          {
            title: 'pairs every layer with itself where the depths are equal',
            run() {
              const equal = answered().filter(({ student, teacher }) => student === teacher);
              expect(equal).not.toEqual([]);
              expect(equal.flatMap(({ pairs }) => pairs.filter((pair) => pair.student !== pair.teacher))).toEqual([]);
            },
          },
        ]
      : []),
  ];
}

/**
 * Declares the suite's tests: for models of several depths, pairs of layers that there are, none twice and none crossing, or an
 * `InputError`; with `identity`, every layer with itself where the depths are equal.
 */
export function describeMapping(mapping: LayerMapping, promises: MappingPromises = {}): void {
  declareChecks(`mapping ${mapping.name}`, mappingChecks(mapping, promises));
}
