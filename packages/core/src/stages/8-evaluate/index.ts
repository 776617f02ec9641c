// Stage 8: measuring models.
export type { Evaluation, Evaluator } from './evaluator.js';
export { evaluate, evaluateModel } from './evaluate.js';
