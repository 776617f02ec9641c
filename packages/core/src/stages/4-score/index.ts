// Stage 4: importance scores.
export type { ImportanceScorer, Scores } from './importance-scorer.js';
export { combineScores, score } from './score.js';
