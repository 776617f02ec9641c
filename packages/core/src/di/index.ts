// Dependency injection: plugins, tokens, the container of a run.
export { createRunContainer, createStrategy, provideServices, strategies, type RunContainer } from './container.js';
export { nearest } from '../nearest.js';
export { mapPaths, pathOption } from './path-option.js';
export {
  definePlugin,
  type Described,
  type Plugin,
  type Strategies,
  type StrategyDefinition,
  type StrategyKind,
} from './plugin.js';
export {
  strategy,
  type Declaration,
  type Injected,
  type MadeBy,
  type NoOptions,
  type Strategy,
  type StrategyArguments,
  type Undescribed,
} from './strategy.js';
export { runTokens, tokens, type Clock, type Logger, type RunServices, type StrategyTokens } from './tokens.js';
