// The suite that every search strategy must pass.
import { describe, expect, test } from 'vitest';
import { at, checkTargetShape, chooseArchitecture, modelParameters, type SearchStrategy } from '@espalier/core';
import { tinyModel } from './tiny-model.js';

/**
 * Declares the suite's tests: a shape that pruning can reach and that has the share of the parameters, no smaller one for a
 * larger share, and the same again. The model is a tiny one, so that a strategy of few choices may need smaller `shares`.
 */
export function describeSearch(strategy: SearchStrategy, shares: readonly number[] = [0.9, 0.75, 0.6]): void {
  const model = tinyModel({ layers: 6, hidden: 16, ffn: 24 });
  const whole = modelParameters(model).parameters;
  describe(`search ${strategy.name}`, () => {
    test.each(shares)('chooses a shape that pruning can reach, within %d of the parameters', (share) => {
      const architecture = chooseArchitecture(strategy, model, { kind: 'share', share });
      checkTargetShape(model.architecture, architecture);
      const { parameters } = modelParameters({ ...model, architecture });
      const { tolerance } = strategy;
      expect(parameters).toBeLessThanOrEqual(whole * share * (1 + (tolerance ?? 0)));
      if (tolerance !== undefined) expect(parameters).toBeGreaterThanOrEqual(whole * share * (1 - tolerance));
    });

    test('a larger target never gives a smaller model', () => {
      const sizes = [...shares]
        .sort((a, b) => a - b)
        .map((share) =>
          modelParameters({ ...model, architecture: chooseArchitecture(strategy, model, { kind: 'share', share }) }),
        );
      const parameters = sizes.map((own) => own.parameters);
      expect(parameters).toEqual(parameters.toSorted((a, b) => a - b));
    });

    test('chooses the same again', () => {
      const target = { kind: 'share', share: at(shares, 0) } as const;
      expect(chooseArchitecture(strategy, model, target)).toEqual(chooseArchitecture(strategy, model, target));
    });
  });
}
