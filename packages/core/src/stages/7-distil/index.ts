// Stage 7: training a student, from a teacher or from text.
export type {
  BatchRows,
  DataLoss,
  DistillationLoss,
  LossContext,
  LossTerm,
  ModelOutputs,
  StateName,
  StepScalars,
  TeacherOutputs,
  TopLogits,
  WeightedLoss,
} from './loss-term.js';
export { rowMean } from './row-mean.js';
export { weightedSum, type LossBalancer, type TermValue } from './loss-balancer.js';
export { uniformPairs, type LayerMapping, type LayerPair } from './layer-mapping.js';
export type { Optimizer, Schedule, TrainedWeight, UpdateInputs } from './optimizer.js';
export type { StopRule } from './stop-rule.js';
export type { TrainStepOptions } from './step-options.js';
export { stateNames, trainStateTypes } from './parameters.js';
export { type LossScaling, type Precision } from './loss-scaling.js';
export { lossGraph, type LossGraph } from './loss-graph.js';
export { trainProgram } from './train-step.js';
export { fitMemory, stepBytes, type FittedStep, type StepBytes } from './fit-memory.js';
export { type CheckpointOptions, type TrainingCheckpoint } from './checkpoint.js';
export { DivergedError } from './diverged.js';
export type { EvaluationOptions, Trained, TrainingRecord, TrainOptions } from './train-options.js';
export { trainModel } from './train-model.js';
export { distil } from './distil.js';
export { initialise } from './initialise.js';
