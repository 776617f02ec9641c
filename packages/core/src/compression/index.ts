// Several steps of compression as data, as a forecast and as one pipeline.
export { addStep, compress, type CompressionState, type FinishedStep, type StepText } from './compress.js';
export { planFacts, planStep, planSteps, type PlannedSearch, type PlannedStep } from './plan-steps.js';
export { peakRate, resolveSteps, type ResolvedCorrection, type ResolvedStep } from './resolve-step.js';
export { correctionOptions, distillationOptions, stepTraining, trainingTokens } from './step-training.js';
export {
  asWritten,
  compressionStep,
  compressionSteps,
  namedStrategy,
  type CompressionStep,
  type CompressionStepInput,
  type NamedLoss,
  type NamedLossInput,
  type NamedScorer,
  type NamedScorerInput,
  type NamedStrategy,
  type NamedStrategyInput,
} from './step-schema.js';
