// What a plugin is: named strategies with a summary and a schema of their options, so that a recipe or a flag can name them.
import type { z } from 'zod';
import type { Backend } from '../backend/index.js';
import type { DataSource } from '../data/index.js';
import type { ModelFamily } from '../model/index.js';
import type { ImportanceScorer } from '../stages/4-score/index.js';
import type { SearchStrategy } from '../stages/5-search/index.js';
import type { Pruner } from '../stages/6-prune/index.js';
import type { LayerMapping, LossBalancer, LossTerm, Optimizer, Schedule, StopRule } from '../stages/7-distil/index.js';
import type { Evaluator } from '../stages/8-evaluate/index.js';
import type { Exporter } from '../stages/9-export/index.js';
import type { Transform } from '../stages/transform.js';
import type { Subscriber } from '../pipeline/index.js';
import type { RunContainer } from './container.js';

/** Every kind of strategy and its interface. */
export interface Strategies {
  /** What runs programs. */
  readonly backend: Backend;
  /** How loss terms become one number. */
  readonly balancer: LossBalancer;
  /** Where text comes from. */
  readonly data: DataSource;
  /** A measurement of a model. */
  readonly evaluator: Evaluator;
  /** A form in which a model leaves the pipeline. */
  readonly exporter: Exporter;
  /** A model family: config, weights by named axes, graph. */
  readonly family: ModelFamily;
  /** A term of the training loss, as a graph function. */
  readonly loss: LossTerm;
  /** Which layers of student and teacher are compared. */
  readonly mapping: LayerMapping;
  /** A parameter update, as a graph function. */
  readonly optimizer: Optimizer;
  /** Which units and layers stay. */
  readonly pruner: Pruner;
  /** Learning rate by step. */
  readonly schedule: Schedule;
  /** Importance scores of what can be removed. */
  readonly scorer: ImportanceScorer;
  /** The shape of the student. */
  readonly search: SearchStrategy;
  /** When a training has learnt enough. */
  readonly stop: StopRule;
  /** A listener to the stream of events. */
  readonly subscriber: Subscriber;
  /** What is done to a model between stages. */
  readonly transform: Transform;
}

/** What people know a strategy by. */
export interface Described {
  /** Unique within its kind; kebab-case, equal to its file's name. */
  readonly name: string;
  /** One line for people: formula and source where there are any. */
  readonly summary: string;
}

/** Name of a kind: `scorer`, `loss`, … */
export type StrategyKind = keyof Strategies;

/** One strategy that can be named. */
export interface StrategyDefinition<Kind extends StrategyKind = StrategyKind> extends Described {
  /** What it is a strategy for. */
  readonly kind: Kind;
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

/** What a package brings: strategies that recipes can name. */
export interface Plugin {
  /** The name of its package, or of what it brings. */
  readonly name: string;
  /** Its strategies, as `strategy` declares them. */
  readonly provides: readonly StrategyDefinition[];
}

/** Declares a plugin: a name and the strategies it brings. Nothing is checked or registered here; `createRunContainer` does that. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
