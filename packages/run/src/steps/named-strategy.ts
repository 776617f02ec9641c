// How a recipe names a strategy: its name alone, or its name with its options beside it (`{ name: adamw, beta1: 0.8 }`). Both are read as
// the second, which is also how a run keeps it.
import {
  createStrategy,
  type Json,
  type RunContainer,
  type StrategyKind,
  type Strategies,
  axes,
  type Scores,
} from '@espalier/core';
import { z } from 'zod';

/** A strategy and what it is made with. A type, not an interface: it goes into manifests. */
export type NamedStrategy = {
  /** Its name within its kind. */
  readonly name: string;
  /** What its own schema is given. */
  readonly [option: string]: Json;
};

/** A scorer by name. */
export type NamedScorer = NamedStrategy & {
  /** The axes it is used for; all that it scores when not given. */
  readonly axes?: readonly (keyof Scores)[];
};

/** A loss term by name. */
export type NamedLoss = NamedStrategy & {
  /** Its factor in the sum of the losses. */
  readonly weight: number;
};

/** Places of a step where its student may be changed. */
const places = ['after-prune', 'after-distil'] as const;
/** Where a step's student is changed: once it is cut, before it is trained; or once it is distilled, before it is measured. */
export type TransformPlace = (typeof places)[number];

/** A transform by name. */
export type NamedTransform = NamedStrategy & {
  /** Where in the step. */
  readonly at: TransformPlace;
};

const name = z.string().min(1);

/** What is written, with `own` keys beside the options. */
const written = <Own extends z.core.$ZodLooseShape>(own: Own) =>
  z
    .object({
      name: name.describe('Name within its kind; its options stand beside it'),
      options: z.never('write the options beside the name: { name: adamw, beta1: 0.8 }').exactOptional(),
      ...own,
    })
    .catchall(z.json());

/** A strategy by name, or by name and options: `forward-kl`, `{ name: forward-kl, temperature: 2 }`. */
export const namedStrategy: z.ZodType<NamedStrategy, string | NamedStrategy> = z.union([
  name.transform((own) => ({ name: own })),
  written({}).transform(({ options: _none, ...own }) => own),
]);

/** A scorer, `axes` beside its options: what it is used for, so that another scorer may do the rest. */
export const namedScorer: z.ZodType<NamedScorer, string | NamedScorer> = z.union([
  name.transform((own) => ({ name: own })),
  written({
    axes: z
      .array(z.literal([...axes]))
      .min(1)
      .exactOptional()
      .describe('What the scorer is used for, so that another may do the rest; all that it scores when not given'),
  }).transform(({ options: _none, ...own }) => own),
]);

/** A loss term, `weight` beside its options: its factor in the sum of the losses, 1 when not given. */
export const namedLoss: z.ZodType<NamedLoss, string | (NamedStrategy & { readonly weight?: number })> = z.union([
  name.transform((own) => ({ name: own, weight: 1 })),
  written({ weight: z.number().positive().default(1).describe('Factor in the sum of the losses') }).transform(
    ({ options: _none, ...own }) => own,
  ),
]);

/** A transform, `at` beside its options: where in the step. */
export const namedTransform: z.ZodType<NamedTransform> = written({
  at: z.literal([...places]).describe('Where in the step the student is changed'),
}).transform(({ options: _none, ...own }) => own);

/** The strategy that is named. Throws `InputError` for an unknown name or wrong options. */
export function strategyNamed<Kind extends StrategyKind>(
  container: RunContainer,
  kind: Kind,
  { name: own, ...options }: NamedStrategy,
): Strategies[Kind] {
  return createStrategy(container, kind, own, options);
}
