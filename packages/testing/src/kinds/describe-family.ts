// The suite that every model family must pass. In a spec file: describeFamily(myFamily, { model_type: 'mine', … }). Whether its
// logits are those of the implementation that the checkpoints come from needs golden numbers, and is up to the family's own test.
import { describe, expect, test } from 'vitest';
import {
  applyPlan,
  checkMasked,
  initialise,
  memoryWeights,
  random,
  weightSpecs,
  type JsonObject,
  type Model,
  type ModelFamily,
} from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { randomPlan, type PlanAxis } from '../random-plan.js';
import { tinyModel } from './tiny-model.js';

/** What is promised beyond being a family. */
export interface FamilyPromises {
  /** Parts that its models can lose; all of them when not given. */
  readonly axes?: readonly PlanAxis[];
}

const everything: readonly PlanAxis[] = ['hidden', 'ffn', 'heads', 'kvHeads', 'layers', 'attention', 'feedForward'];

/** A model of the family with random weights, norms included, so that none of them goes unnoticed. */
async function modelOf(family: ModelFamily, config: JsonObject): Promise<Model> {
  const shape = { family, architecture: family.readConfig(config), config };
  const model = initialise({ ...tinyModel(), ...shape }, random(1));
  const values = new Map<string, Float32Array>();
  for (const { name } of weightSpecs(model)) {
    const stream = random(2).fork(name);
    values.set(
      name,
      (await model.weights.read(name)).map((own) => own + 0.2 * stream.normal()),
    );
  }
  return { ...model, weights: memoryWeights(values) };
}

/**
 * Declares the suite's tests; `config` is a small model's config.json. What the family writes it reads as the same shape, it
 * names every weight once, and a cut model gives the logits of the masked one. Golden logits are for the family's own test.
 */
export function describeFamily(
  family: ModelFamily,
  config: JsonObject,
  { axes = everything }: FamilyPromises = {},
): void {
  const context = { backend: referenceBackend(), random: random(1) };
  describe(`family ${family.name}`, () => {
    test('reads its config.json, and reads what it has written as the same shape', () => {
      const architecture = family.readConfig(config);
      expect(architecture.family).toBe(family.name);
      expect(family.readConfig(family.writeConfig(config, architecture))).toEqual(architecture);
    });

    test('names every weight once', () => {
      const names = family.weights(family.readConfig(config)).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    });

    test.each([1, 2, 3])('a cut model says what the masked one says (plan %d)', async (seed) => {
      const model = await modelOf(family, config);
      const plan = randomPlan(model.architecture, axes, random(seed));
      await expect(checkMasked(model, plan, applyPlan(model, plan), context)).resolves.toBeLessThan(1e-6);
    });
  });
}
