// Stage 6: plans, and models cut by them.
export { applyPlan } from './apply-plan.js';
export { composePlans } from './compose-plans.js';
export { pruneIteratively, type IterativeOptions } from './estimate-iteratively.js';
export {
  checkPermuted,
  checkRanking,
  rankingLosses,
  type RankingLosses,
  type RankingOptions,
} from './check-ranking.js';
export { checkMasked, MASKED_TOLERANCE } from './check-masked.js';
export { makePlan, prune, type PruneOptions } from './prune.js';
export { keepBest, ranking, type KeptOrder, type Pruner } from './pruner.js';
