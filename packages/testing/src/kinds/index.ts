// Conformance suites for the kinds of strategies, and the tiny models they run on. All need vitest.
export { describeBalancer, type BalancerPromises, type LossGroup } from './describe-balancer.js';
export { describeDataSource } from './describe-data-source.js';
export { describeEvaluator, type EvaluatorPromises } from './describe-evaluator.js';
export { describeExporter, type ExporterPromises } from './describe-exporter.js';
export { describeFamily, type FamilyPromises } from './describe-family.js';
export { describeLoss, type LossPromises } from './describe-loss.js';
export { describeMapping, type MappingPromises } from './describe-mapping.js';
export { describeOptimizer } from './describe-optimizer.js';
export { describePruner, type PrunerAxis, type PrunerPromises } from './describe-pruner.js';
export { describeSchedule } from './describe-schedule.js';
export { describeScorer, type ScorerPromises } from './describe-scorer.js';
export { describeSearch } from './describe-search.js';
export { describeStop } from './describe-stop.js';
export { describeSubscriber } from './describe-subscriber.js';
export { describeTransform } from './describe-transform.js';
export { tinyArchitecture, tinyModel, type TinySizes } from './tiny-model.js';
export { tinyDocuments } from './tiny-documents.js';
