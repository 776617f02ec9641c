// Several steps of compression as data, as a forecast and as one pipeline.
export {
  addStep,
  compress,
  trainingTokens,
  type CompressionState,
  type FinishedStep,
  type StepText,
} from './compress.js';
export { planFacts, planSteps, type PlannedSearch, type PlannedStep } from './plan-steps.js';
export { peakRate, resolveSteps, type ResolvedStep } from './resolve-step.js';
export {
  compressionStep,
  compressionSteps,
  namedStrategy,
  type CompressionStep,
  type CompressionStepInput,
  type NamedStrategy,
} from './step-schema.js';
