// What a plugin is: named strategies with a summary and a schema of their options, so that a recipe or a flag can name them.
import type { z } from 'zod';
import type { Backend } from '../backend/index.js';
import type { DataSource } from '../data/index.js';
import type { ModelFamily } from '../model/index.js';
import type { DepthMetric, ImportanceScorer } from '../stages/4-score/index.js';
import type { SearchStrategy } from '../stages/5-search/index.js';
import type { Pruner } from '../stages/6-prune/index.js';
import type { LayerMapping, LossBalancer, LossTerm, Optimizer, Schedule } from '../stages/7-distil/index.js';
import type { Evaluator } from '../stages/8-evaluate/index.js';
import type { Exporter } from '../stages/9-export/index.js';
import type { Subscriber } from '../pipeline/index.js';
import type { RunContainer } from './container.js';

/** Every kind of strategy and its interface. */
export interface Strategies {
  readonly backend: Backend;
  readonly balancer: LossBalancer;
  readonly data: DataSource;
  readonly depthMetric: DepthMetric;
  readonly evaluator: Evaluator;
  readonly exporter: Exporter;
  readonly family: ModelFamily;
  readonly loss: LossTerm;
  readonly mapping: LayerMapping;
  readonly optimizer: Optimizer;
  readonly pruner: Pruner;
  readonly schedule: Schedule;
  readonly scorer: ImportanceScorer;
  readonly search: SearchStrategy;
  readonly subscriber: Subscriber;
}

export type StrategyKind = keyof Strategies;

/** One strategy that can be named. */
export interface StrategyDefinition<Kind extends StrategyKind = StrategyKind> {
  readonly kind: Kind;
  /** Unique within its kind; kebab-case, equal to its file's name. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** The options it takes. */
  readonly options: z.ZodType;
  /** The plugin it came with; filled in when a container is made. */
  readonly plugin?: string;
  /**
   * Makes the strategy from options as they came from outside; throws a `ZodError` when they are wrong. A strategy that is a
   * class is made by the container.
   */
  create(options: unknown, container?: RunContainer): Strategies[Kind];
}

export interface Plugin {
  /** The name of its package, or of what it brings. */
  readonly name: string;
  readonly provides: readonly StrategyDefinition[];
}

/** Declares a plugin: a name and the strategies it brings. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
