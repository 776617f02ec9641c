// Stage 4: importance scores.
export type { ImportanceScorer, Scores } from './importance-scorer.js';
export { scoreProfile, type AxisProfile, type ScoreProfile } from './score-profile.js';
export { combineScores, score } from './score.js';
