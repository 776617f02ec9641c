// The public API of @espalier/core/testing: what checks a backend, an op or a composite. Needs vitest.
export {
  conformanceChecks,
  describeBackend,
  describeDevices,
  onSoftwareGpu,
  type KnownLimit,
  type ConformanceOptions,
} from './backend-conformance.js';
export { Bench, runCheck, type Check, type CheckGroup } from './conformance/bench.js';
export { expectClose, relativeError } from './close.js';
export {
  awayFromZero, booleans, distinct, eighths, exactly, floats, halves, integers, kept, normal, positive, spread, whole,
} from './draws.js'; // prettier-ignore
export {
  drawLeaves,
  graphCase,
  leafValues,
  type Draw,
  type DrawnLeaves,
  type GraphCase,
  type LeafSpec,
} from './graph-case.js';
export { opCases } from './op-cases.js';
export { compositeCases, type CompositeName } from './composite-cases.js';
export { caseGradients, gradientErrors, project } from './finite-difference.js';
export { randomPlan, type PlanAxis } from './random-plan.js';
export { randomProgram, type RandomProgramOptions } from './random-program.js';
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
  caseStates,
  lossOutputs,
  readGoldenLosses,
  type GoldenLosses,
  type LossCase,
  type LossStrategies,
} from './golden-losses.js';
export { statedShape, type StatedSizes } from './stated-shape.js';
export * from './kinds/index.js';
