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
  type Configurable,
  type Injected,
  type StrategyHelper,
} from './define.js';
export { nearest } from '../nearest.js';
export { definePlugin, type Plugin, type Strategies, type StrategyDefinition, type StrategyKind } from './plugin.js';
export { runTokens, tokens, type Logger, type RunServices, type StrategyTokens } from './tokens.js';
