// Stage 4: importance scores.
export type { ImportanceScorer, Observed, Scores } from './importance-scorer.js';
export { axes, combineScores, observedOf, scoredTwice } from './combine-scores.js';
export { score, type ScoreOptions } from './score.js';
export type { AxisStability, Stability } from './stability.js';
export { maskedRunner, withoutHalves, type Halves } from './masked-runner.js';
export {
  checkObjective,
  depthBytes,
  layersWithout,
  leastBlock,
  measureDepth,
  type BlockScore,
  type DepthImportance,
  type MeasureDepthOptions,
} from './measure-depth.js';
export { scoreDepthOfTarget, type DepthOfTargetOptions } from './depth-of-target.js';
export { onlyAxes } from './only-axes.js';
