// The suite that every transform of a model must pass.
import { expect } from 'vitest';
import { Pipeline, random, transformWith, weightSpecs, type Model, type Transform } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { declareChecks, type StrategyCheck } from './strategy-check.js';
import { tinyModel } from './tiny-model.js';

async function valuesOf(model: Model): Promise<Readonly<Record<string, readonly number[]>>> {
  const values: Record<string, readonly number[]> = {};
  for (const { name } of weightSpecs(model)) values[name] = [...(await model.weights.read(name))];
  return values;
}

/** As a run applies it. */
async function changed(transform: Transform, model: Model): Promise<Model> {
  const context = { backend: referenceBackend(), random: random(1) };
  return (await Pipeline.of({ student: model }, context).pipe(transformWith(transform)).run()).student;
}

/** The suite's checks. */
export function transformChecks(transform: Transform, model: Model = tinyModel()): readonly StrategyCheck[] {
  return [
    // First, so that a model which is changed for good is found as it was.
    {
      title: 'leaves the model that it is given as it was',
      async run() {
        const before = await valuesOf(model);
        await changed(transform, model);
        expect(await valuesOf(model)).toEqual(before);
      },
    },
    {
      title: 'gives a whole model: every weight of its shape, and finite',
      async run() {
        await changed(transform, model);
      },
    },
    {
      title: 'gives the same for the same model and random numbers',
      async run() {
        const [one, other] = [await changed(transform, model), await changed(transform, model)];
        expect(await valuesOf(one)).toEqual(await valuesOf(other));
        expect(one.architecture).toEqual(other.architecture);
      },
    },
  ];
}

/**
 * Declares the suite's tests: a whole, finite model of the one given (a tiny one when not given), which stays as it was, and the same
 * each time.
 */
export function describeTransform(transform: Transform, model?: Model): void {
  declareChecks(`transform ${transform.name}`, transformChecks(transform, model));
}
