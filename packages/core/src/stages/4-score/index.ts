// Stage 4: importance scores.
export type { ImportanceScorer, Observed, Scores } from './importance-scorer.js';
export { axes, combineScores, observedOf, scoredTwice } from './combine-scores.js';
export { score } from './score.js';
export { maskedRunner, withoutHalves } from './masked-runner.js';
export {
  layersWithout,
  leastBlock,
  measureDepth,
  scoreDepth,
  type BlockScore,
  type DepthMetric,
} from './depth-metric.js';
export { scoreDepthOfTarget } from './depth-of-target.js';
export { onlyAxes } from './only-axes.js';
