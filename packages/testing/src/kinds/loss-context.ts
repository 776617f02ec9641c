// What suites tell losses and balancers of a training: tiny models, and their own scalars as those of its first step.
import type { LossContext, StepScalars } from '@espalier/core';
import { constant } from '@espalier/core/graph';
import { tinyArchitecture } from './tiny-model.js';

/** The context at the first of 8 steps. */
export function lossContext(own: StepScalars): LossContext {
  const values = Object.entries(own.scalars?.(0, 8) ?? {});
  return {
    student: tinyArchitecture(),
    teacher: tinyArchitecture({ layers: 3 }),
    scalars: Object.fromEntries(values.map(([name, value]) => [name, constant(value, [], 'float32')])),
  };
}
