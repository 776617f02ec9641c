// The suite that every evaluator must pass.
import { describe, expect, test } from 'vitest';
import { createRunner, random, referenceBackend, type Evaluator, type Json } from '@espalier/core';
import { tinyModel } from './tiny-model.js';

/** What is promised beyond being an evaluator. */
export interface EvaluatorPromises {
  /** Whether the same model gives the same result; true when not given, false for what measures time. */
  readonly repeatable?: boolean;
}

/** Declares the suite's tests: of a tiny model in float64, a result that survives JSON and, where `repeatable`, is the same again. */
export function describeEvaluator(evaluator: Evaluator, { repeatable = true }: EvaluatorPromises = {}): void {
  const measure = async (): Promise<Json> => {
    const context = { backend: referenceBackend(), random: random(1) };
    const runner = await createRunner(tinyModel(), context);
    try {
      const tools = { report: () => undefined, signal: new AbortController().signal };
      return await evaluator.evaluate(runner, context, tools);
    } finally {
      await runner.dispose();
    }
  };
  describe(`evaluator ${evaluator.name}`, () => {
    test('gives a result that survives JSON', async () => {
      const result = await measure();
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    });

    if (repeatable) {
      test('gives the same result for the same model', async () => {
        expect(await measure()).toEqual(await measure());
      });
    }
  });
}
