// How the values of several loss terms become one number to minimise.
import type { LossContext, StepScalars } from './loss-term.js';
import { add, multiply, type Tensor } from '../../graph/index.js';

type Float = Tensor<'float32'>;

/** One term's value in a batch. */
export interface TermValue {
  /** The term's name. */
  readonly name: string;
  /** What the term looks at: the text alone, the teacher's logits, or states inside the models. */
  readonly group: 'data' | 'logits' | 'states';
  /** The factor it was given. */
  readonly weight: number;
  /** The term itself, a scalar. */
  readonly value: Float;
}

/** A rule that puts terms together. */
export interface LossBalancer extends StepScalars {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: formula and source. */
  readonly summary: string;
  /** The scalar to minimise. Throws `InputError` when a group that the rule needs has no term. */
  total(terms: readonly TermValue[], context: LossContext): Float;
}

/** Σ weight · value over the terms (of one group, where given), a scalar; `undefined` where there are none. */
export function weightedSum(terms: readonly TermValue[], group?: TermValue['group']): Float | undefined {
  const own = terms.filter((term) => group === undefined || term.group === group);
  return own
    .map(({ value, weight }) => multiply(value, weight))
    .reduce<Float | undefined>((sum, next) => (sum === undefined ? next : add(sum, next)), undefined);
}
