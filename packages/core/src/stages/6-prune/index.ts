// Stage 6: plans, and models cut by them.
export { applyPlan } from './apply-plan.js';
export { makePlan, prune } from './prune.js';
export { keepBest, ranking, type KeptOrder, type Pruner } from './pruner.js';
export { sliceWeight } from './slice-weight.js';
