// Stage 6: plans, and models cut by them.
export { applyPlan } from './apply-plan.js';
export { pruneIteratively } from './estimate-iteratively.js';
export { checkRanking, rankingBytes } from './check-ranking.js';
export { checkMasked, checkMaskedBytes, MASKED_TOLERANCE } from './check-masked.js';
export { makePlan, prune } from './prune.js';
export { keepBest, ranking, type KeptOrder, type Pruner } from './pruner.js';
