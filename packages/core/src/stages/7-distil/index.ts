// Stage 7: training a student, from a teacher or from text.
export type { BatchRows, DataLoss, DistillationLoss, LossTerm, ModelOutputs, WeightedLoss } from './loss-term.js';
export type { Optimizer, Schedule, UpdateInputs } from './optimizer.js';
export {
  applyProgram,
  gradientProgram,
  stateNames,
  stateWeights,
  trainProgram,
  trainStateTypes,
  weightLookup,
  weightTypes,
  type ModelShape,
  type TrainStepOptions,
} from './train-step.js';
