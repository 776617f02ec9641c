// Option schemas that several registration files share.
import { z } from 'zod';

/** A number of things: at least 1. */
export const count = z.int().positive();
/** A share of a whole, above 0 and at most 1. */
export const share = z.number().positive().max(1);
/** Token ids. */
export const ids = z.array(z.int().nonnegative());

/** Options without those that were not given: a schema's optional members are `undefined` where a strategy's are absent. */
export function given<Options extends object>(options: {
  readonly [Name in keyof Options]: Options[Name] | undefined;
}): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
