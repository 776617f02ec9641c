// Stage 7: training a student, from a teacher or from text.
export type { BatchRows, DataLoss, DistillationLoss, LossTerm, ModelOutputs, WeightedLoss } from './loss-term.js';
export type { Optimizer, Schedule, UpdateInputs } from './optimizer.js';
export {
  applyProgram,
  gradientProgram,
  stateNames,
  trainProgram,
  trainStateTypes,
  type TrainStepOptions,
} from './train-step.js';
export { distil } from './distil.js';
export { initialise } from './initialise.js';
export { DivergedError, trainModel, type TrainingRecord, type TrainOptions } from './train-model.js';
