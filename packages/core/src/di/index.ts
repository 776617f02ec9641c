// Dependency injection: plugins, tokens, the container of a run.
export { createRunContainer, createStrategy, strategies, type RunContainer } from './container.js';
export { nearest } from './nearest.js';
export {
  definePlugin,
  defineStrategy,
  type Plugin,
  type Strategies,
  type StrategyDefinition,
  type StrategyKind,
} from './plugin.js';
export { tokens, type StrategyTokens } from './tokens.js';
