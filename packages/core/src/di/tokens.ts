// The injection tokens: one per kind of strategy. Everything that can be swapped is registered under one of these.
import type { InjectionToken } from 'tsyringe';
import type { StrategyDefinition, StrategyKind } from './plugin.js';

/** Definitions of a kind; resolve all of them with `container.resolveAll`. */
export type StrategyTokens = { readonly [Kind in StrategyKind]: InjectionToken<StrategyDefinition<Kind>> };

export const tokens: StrategyTokens = {
  backend: Symbol.for('espalier.backend'),
  data: Symbol.for('espalier.data'),
  evaluator: Symbol.for('espalier.evaluator'),
  family: Symbol.for('espalier.family'),
  loss: Symbol.for('espalier.loss'),
  optimizer: Symbol.for('espalier.optimizer'),
  pruner: Symbol.for('espalier.pruner'),
  schedule: Symbol.for('espalier.schedule'),
  scorer: Symbol.for('espalier.scorer'),
  search: Symbol.for('espalier.search'),
};
