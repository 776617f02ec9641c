// The public API of @espalier/testing: what checks a backend, a family, an op, a composite or a strategy. Needs vitest.
export {
  describeBackend,
  describeDevices,
  onSoftwareGpu,
  type KnownLimit,
  type ConformanceOptions,
} from './backend-conformance.js';
export { expectClose } from '@espalier/core';
export {
  awayFromZero, booleans, distinct, eighths, exactly, floats, halves, integers, kept, normal, positive, spread, whole,
} from './draws.js'; // prettier-ignore
export { graphCase, type BuiltCase, type Draw, type GraphCase, type LeafSpec } from './graph-case.js';
export { gradientErrors } from './finite-difference.js';
export { randomPlan, type PlanAxis } from './random-plan.js';
export {
  fixtureModel,
  modelLogits,
  trainingCurve,
  unpack,
  worstRatio,
  type PackedTensor,
  type TrainingCurve,
} from './golden.js';
export {
  caseInputs,
  caseName,
  caseOptions,
  chunkedCaseOptions,
  caseStates,
  lossOutputs,
  readGoldenLosses,
  type GoldenLosses,
  type LossCase,
  type LossStrategies,
} from './golden-losses.js';
export { statedShape, type StatedSizes } from './stated-shape.js';
export * from './kinds/index.js';
