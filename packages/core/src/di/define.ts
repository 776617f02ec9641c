// One helper per kind of strategy, for plugin authors: a ready strategy, one made from options, or a class whose constructor
// asks for what it needs with `@inject`. Registration and look-up by name are in container.ts.
import type { InjectionToken } from 'tsyringe';
import { z } from 'zod';
import { InputError } from '../errors.js';
import type { Random } from '../random.js';
import type { RunContainer } from './container.js';
import type { Strategies, StrategyDefinition, StrategyKind } from './plugin.js';
import { runTokens } from './tokens.js';

interface Described {
  /** Unique within its kind; kebab-case, equal to its file's name. */
  readonly name: string;
  /** One line for people: formula and source where there are any. */
  readonly summary: string;
}

/** A strategy that options make. */
export interface Configurable<Kind extends StrategyKind, Schema extends z.ZodType> extends Described {
  /** What `create` takes, as a zod schema; use `z.strictObject`, so that a typo is an error. No options when not given. */
  readonly options?: Schema;
  /** Makes the strategy from options that the schema has checked. */
  create(options: z.infer<Schema>): Strategies[Kind];
}

/** A strategy that is a class; its constructor's parameters are injected (`runTokens`, `@inject` on every one of them). */
export interface Injected<Kind extends StrategyKind> extends Described {
  /** What the class finds under `runTokens.options`; no options when not given. */
  readonly options?: z.ZodType;
  /** The class itself, or a token that a container knows it by. */
  readonly use: InjectionToken<Strategies[Kind]>;
}

/**
 * Turns a strategy of one kind into a definition that a plugin provides. Its `create` throws a `ZodError` for options that
 * the schema refuses, and a `RangeError` for a class when it is given no container.
 */
export interface StrategyHelper<Kind extends StrategyKind> {
  /** A strategy as it is, without options, or a class. */
  (given: (Strategies[Kind] & Described) | Injected<Kind>): StrategyDefinition<Kind>;
  /** A strategy that options make. */
  <Schema extends z.ZodType>(definition: Configurable<Kind, Schema>): StrategyDefinition<Kind>;
}

const noOptions = z.strictObject({});

function helper<Kind extends StrategyKind>(kind: Kind): StrategyHelper<Kind> {
  return (
    given: (Strategies[Kind] & Described) | Configurable<Kind, z.ZodType> | Injected<Kind>,
  ): StrategyDefinition<Kind> => {
    const { name, summary } = given;
    if ('use' in given) {
      const { use, options = noOptions } = given;
      const create = (raw: unknown, container?: RunContainer): Strategies[Kind] =>
        construct(`${kind} "${name}"`, use, options.parse(raw), container);
      return { kind, name, summary, options, create };
    }
    if ('create' in given) {
      const { options = noOptions } = given;
      return { kind, name, summary, options, create: (raw: unknown) => given.create(options.parse(raw)) };
    }
    const create = (raw: unknown): Strategies[Kind] => {
      noOptions.parse(raw);
      return given;
    };
    return { kind, name, summary, options: noOptions, create };
  };
}

/**
 * An instance of its own for every use, with its options in a scope of its own. Its random stream is its own too, named by kind and
 * name: what it draws does not depend on who else drew, or on how often it was made (checking a recipe makes each strategy once more).
 */
function construct<Made>(
  what: string,
  use: InjectionToken<Made>,
  options: unknown,
  container: RunContainer | undefined,
): Made {
  if (container === undefined) throw new RangeError(`${what} is a class: make it with createStrategy(container, …)`);
  const scope = container.createChildContainer();
  scope.registerInstance(runTokens.options, options);
  if (container.isRegistered(runTokens.random, true)) {
    scope.registerInstance(runTokens.random, container.resolve<Random>(runTokens.random).fork(what));
  }
  try {
    return scope.resolve(use);
  } catch (cause) {
    const [, token] = /unregistered dependency token: "(.*?)"/.exec(cause instanceof Error ? cause.message : '') ?? [];
    if (token === undefined) throw cause;
    const fix = 'Ask for runTokens.logger, random or backend; a run folder is there in a run only';
    throw new InputError(
      { asked: `make ${what}`, found: `its class asks for ${token}, which is not there`, fix },
      { cause },
    );
  }
}

/** Importance scores of what can be removed. */
export const scorer = helper('scorer');
/** What a model loses without a layer or a block of layers. */
export const depthMetric = helper('depthMetric');
/** Which units and layers stay. */
export const pruner = helper('pruner');
/** The shape of the student. */
export const searchStrategy = helper('search');
/** A term of the training loss, as a graph function. */
export const lossTerm = helper('loss');
/** How loss terms become one number. */
export const lossBalancer = helper('balancer');
/** Which layers of student and teacher are compared. */
export const layerMapping = helper('mapping');
/** A parameter update, as a graph function. */
export const optimizer = helper('optimizer');
/** Learning rate by step. */
export const schedule = helper('schedule');
/** Where text comes from. */
export const dataSource = helper('data');
/** A measurement of a model. */
export const evaluator = helper('evaluator');
/** A model family: config, weights by named axes, graph. */
export const family = helper('family');
/** What runs programs. */
export const backend = helper('backend');
/** A listener to the stream of events. */
export const subscriber = helper('subscriber');
/** A form in which a model leaves the pipeline. */
export const exporter = helper('exporter');
