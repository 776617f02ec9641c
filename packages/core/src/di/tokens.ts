// The injection tokens: one per kind of strategy, under which everything that can be swapped is registered, and those of
// what a run offers to strategies that are classes.
import type { InjectionToken } from 'tsyringe';
import type { Backend } from '../backend/index.js';
import type { Random } from '../random.js';
import type { StrategyDefinition, StrategyKind } from './plugin.js';

/** Definitions of a kind; resolve all of them with `container.resolveAll`. */
export type StrategyTokens = { readonly [Kind in StrategyKind]: InjectionToken<StrategyDefinition<Kind>> };

/** Under which token the strategies of a kind are registered: symbols of the global registry, the same in every copy of this package. */
export const tokens: StrategyTokens = {
  backend: Symbol.for('espalier.backend'),
  balancer: Symbol.for('espalier.balancer'),
  data: Symbol.for('espalier.data'),
  evaluator: Symbol.for('espalier.evaluator'),
  exporter: Symbol.for('espalier.exporter'),
  family: Symbol.for('espalier.family'),
  loss: Symbol.for('espalier.loss'),
  mapping: Symbol.for('espalier.mapping'),
  optimizer: Symbol.for('espalier.optimizer'),
  pruner: Symbol.for('espalier.pruner'),
  schedule: Symbol.for('espalier.schedule'),
  scorer: Symbol.for('espalier.scorer'),
  search: Symbol.for('espalier.search'),
  stop: Symbol.for('espalier.stop'),
  subscriber: Symbol.for('espalier.subscriber'),
  transform: Symbol.for('espalier.transform'),
};

/** Messages of a strategy to the person who runs it. */
export interface Logger {
  /** Something worth knowing, in one line. */
  info(message: string): void;
  /** Something that may be wrong, in one line; the run goes on. */
  warn(message: string): void;
}

/** What time it is. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** What a run offers to its strategies. */
export interface RunServices {
  /** Where the strategy's messages go. */
  readonly logger: Logger;
  /** The run's stream; a class is given one of its own, forked by its kind and name, which begins anew in every instance. */
  readonly random: Random;
  /** The backend that the run's programs are compiled by. */
  readonly backend: Backend;
  /** Path of the run's folder. */
  readonly runFolder: string;
  /** The time, so that a test can say what it is. */
  readonly clock: Clock;
}

/** Tokens for `@inject`: the services of the run, and the options a strategy was given, checked by its schema. */
export const runTokens: { readonly [Name in keyof RunServices]: InjectionToken<RunServices[Name]> } & {
  /** The strategy's own options, as its schema gave them. */
  readonly options: InjectionToken<unknown>;
} = {
  logger: Symbol.for('espalier.run.logger'),
  random: Symbol.for('espalier.run.random'),
  backend: Symbol.for('espalier.run.backend'),
  runFolder: Symbol.for('espalier.run.folder'),
  clock: Symbol.for('espalier.run.clock'),
  options: Symbol.for('espalier.run.options'),
};
