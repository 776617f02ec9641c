// Stage 8: measuring a model.
export { checkEvaluators, evaluate, evaluateModel, evaluationContext } from './evaluate.js';
export type {
  Evaluation,
  EvaluationContext,
  EvaluationLengths,
  EvaluationReading,
  EvaluationSize,
  EvaluationText,
  Evaluator,
  Measure,
} from './evaluator.js';
export { measuredBy, worseThanChance, type Measured } from './measured.js';
