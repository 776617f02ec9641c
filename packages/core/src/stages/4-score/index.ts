// Stage 4: importance scores.
export type { ImportanceScorer, Observed, Scores } from './importance-scorer.js';
export { scoreProfile, type AxisProfile, type ScoreProfile } from './score-profile.js';
export { combineScores, observedOf, score } from './score.js';
