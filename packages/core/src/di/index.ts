// Dependency injection: plugins, tokens, the container of a run.
export { createRunContainer, createStrategy, provideServices, strategies, type RunContainer } from './container.js';
export {
  backend,
  dataSource,
  depthMetric,
  evaluator,
  exporter,
  family,
  layerMapping,
  lossBalancer,
  lossTerm,
  optimizer,
  pruner,
  schedule,
  scorer,
  searchStrategy,
  subscriber,
} from './define.js';
export { nearest } from '../nearest.js';
export { definePlugin, type Plugin, type Strategies, type StrategyDefinition, type StrategyKind } from './plugin.js';
export { runTokens, tokens, type Logger } from './tokens.js';
