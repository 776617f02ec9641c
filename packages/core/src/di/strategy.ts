// One declaration per strategy: name, summary, options and how it is made. The value is called in code, provided by a plugin and
// named in a recipe. Look-up by name is in container.ts.
import type { InjectionToken } from 'tsyringe';
import { z } from 'zod';
import { InputError } from '../errors.js';
import type { Json } from '../pipeline/index.js';
import type { Random } from '../random.js';
import type { Evaluator } from '../stages/8-evaluate/index.js';
import type { RunContainer } from './container.js';
import { checkedOptions } from './options-error.js';
import type { Described, Strategies, StrategyDefinition, StrategyKind } from './plugin.js';
import { runTokens } from './tokens.js';

/** A strategy without what its declaration says of it: name and summary. */
export type Undescribed<Made> = Made extends (...given: never[]) => unknown
  ? Made
  : Made extends unknown
    ? Omit<Made, keyof Described>
    : never;

/** A strategy that a function makes. */
export interface Declaration<Kind extends StrategyKind, Schema extends z.ZodType, Made> extends Described {
  /** What `create` takes, as a zod schema; use `z.strictObject`, so that a typo is an error. No options when not given. */
  readonly options?: Schema;
  /** Makes the strategy from options that the schema has checked; name and summary are added where it is an object. */
  create(options: z.output<Schema>): Made & Undescribed<Strategies[Kind]>;
}

/** A strategy that is a class; its constructor's parameters are injected (`runTokens`, `@inject` on every one of them). */
export interface Injected<Kind extends StrategyKind, Schema extends z.ZodType> extends Described {
  /** What the class finds under `runTokens.options`; no options when not given. */
  readonly options?: Schema;
  /** The class itself, or a token that a container knows it by. */
  readonly use: InjectionToken<Undescribed<Strategies[Kind]>>;
}

/** A declared strategy: call it in code, or give it to a plugin's `provides`. */
export interface Strategy<
  Kind extends StrategyKind,
  Schema extends z.ZodType = z.ZodType,
  Made = Strategies[Kind],
> extends StrategyDefinition<Kind> {
  /** The options it takes. */
  readonly options: Schema;
  /**
   * Makes the strategy: options are checked and defaults filled in. A strategy that is a class takes its services from the
   * container, a run's own. Throws `InputError` for wrong options, and for a class without a container.
   */
  (...given: StrategyArguments<Schema>): Made;
}

/** Names of members that must be given; none of a map of anything. */
type RequiredKeys<Value> = string extends keyof Value
  ? never
  : { [Key in keyof Value]-?: undefined extends Value[Key] ? never : Key }[keyof Value];

/** Options may be left out where each of them may; a class needs the container as well. */
export type StrategyArguments<Schema extends z.ZodType> = [RequiredKeys<z.input<Schema>>] extends [never]
  ? [options?: Given<z.input<Schema>>, container?: RunContainer]
  : [options: Given<z.input<Schema>>, container?: RunContainer];

/** What a schema takes, as it may be given: lists are not written to. */
type Given<Value> = Value extends (...given: never[]) => unknown
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Given<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Given<Value[Key]> }
      : Value;

/** What gives the result of an evaluator. */
interface Measuring<Result extends Json> {
  /** Measures; what it is given is not looked at here. */
  evaluate(...given: never[]): Promise<Result>;
}

/** What a strategy of this kind is, as exactly as `create` says: the result of an evaluator, the member of a union. */
export type MadeBy<Kind extends StrategyKind, Made> = Kind extends 'evaluator'
  ? Made extends Measuring<infer Result>
    ? Evaluator<Result>
    : never
  : MemberOf<Strategies[Kind], Made & Described>;

type MemberOf<Union, Made> = Union extends unknown ? (Made extends Union ? Union : never) : never;

const none = z.strictObject({});

/** Options of nothing. */
export type NoOptions = typeof none;

/** What recipes write beside the options, for every kind and for some. */
const reserved: { readonly [Kind in StrategyKind]?: string } = {
  scorer: 'axes',
  loss: 'weight',
  transform: 'at',
};

/** Declares a strategy that is a class. Throws `RangeError` for an option whose name a recipe needs for itself. */
export function strategy<Kind extends StrategyKind, Schema extends z.ZodType = NoOptions>(
  kind: Kind,
  declaration: Injected<Kind, Schema>,
): Strategy<Kind, Schema>;
/** Declares a strategy that a function makes. Throws `RangeError` for an option whose name a recipe needs for itself. */
export function strategy<
  Kind extends StrategyKind,
  Made extends Undescribed<Strategies[Kind]>,
  Schema extends z.ZodType = NoOptions,
>(kind: Kind, declaration: Declaration<Kind, Schema, Made>): Strategy<Kind, Schema, MadeBy<Kind, Made>>;
export function strategy<Kind extends StrategyKind>(
  kind: Kind,
  declaration: Injected<Kind, z.ZodType> | Declaration<Kind, z.ZodType, unknown>,
): Strategy<Kind> {
  const { name, summary, options = none } = declaration;
  const taken = options instanceof z.ZodObject ? Object.keys(options.shape) : [];
  const wrong = taken.find((own) => ['name', 'options', reserved[kind]].includes(own));
  if (wrong !== undefined) throw new RangeError(`${kind} "${name}": an option cannot be called "${wrong}"`);
  const create = (raw: unknown, container?: RunContainer): Strategies[Kind] => {
    const checked = options.parse(raw);
    const made =
      'use' in declaration
        ? construct(`${kind} "${name}"`, declaration.use, checked, container)
        : declaration.create(checked);
    return described(made, { name, summary }) as Strategies[Kind]; // Omit is not followed back by the type checker
  };
  const definition = { kind, summary, options, create };
  const call = (raw: unknown = {}, container?: RunContainer): Strategies[Kind] =>
    checkedOptions({ ...definition, name }, () => create(raw, container));
  // Enumerable, so that a copy by `{ ...own }` keeps it.
  return Object.assign(Object.defineProperty(call, 'name', { value: name, enumerable: true }), definition);
}

/** An object with its name and summary; a function with its name. */
function described(made: unknown, own: Described): unknown {
  if (typeof made === 'function') return Object.defineProperty(made, 'name', { value: own.name });
  if (typeof made !== 'object' || made === null) return made;
  // A class may keep private state, which a copy would lose.
  return Object.getPrototypeOf(made) === Object.prototype ? { ...made, ...own } : Object.assign(made, own);
}

/**
 * An instance of its own for every use, with its options in a scope of its own. Its random stream is its own too, named by kind and
 * name: what it draws does not depend on who else drew, or on how often it was made (checking a recipe makes each strategy once more).
 */
function construct(
  what: string,
  use: InjectionToken<unknown>,
  options: unknown,
  container: RunContainer | undefined,
): unknown {
  const asked = `make ${what}`;
  if (container === undefined) {
    const fix = 'Give the container of a run (createRunContainer, provideServices) after the options';
    throw new InputError({ asked, found: 'it is a class, and its services come from a container', fix });
  }
  const scope = container.createChildContainer();
  const { options: ownOptions, ...services } = runTokens;
  scope.registerInstance(ownOptions, options);
  if (container.isRegistered(runTokens.random, true)) {
    scope.registerInstance(runTokens.random, container.resolve<Random>(runTokens.random).fork(what));
  }
  let missing: string | undefined;
  for (const [name, token] of Object.entries(services)) {
    if (container.isRegistered<unknown>(token, true)) continue;
    const useFactory = (): never => {
      missing = name;
      throw new RangeError(`there is no ${name}`);
    };
    scope.register<unknown>(token, { useFactory });
  }
  try {
    return scope.resolve(use);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const known = `A class may ask for ${Object.keys(services).join(', ')}; a run folder is there in a run only`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const found = missing === undefined ? reason : `its class asks for ${missing}, which is not there`;
    throw new InputError({ asked, found, fix: missing === undefined ? 'Correct its constructor' : known }, { cause });
  }
}
