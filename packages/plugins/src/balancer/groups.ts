// The balanced parts of a loss, and the factor that makes one as large as another.
import { InputError, weightedSum, type TermValue } from '@espalier/core';
import {
  divide,
  lessEqual,
  maximum,
  multiply,
  stopGradient,
  where,
  zerosLike,
  type Tensor,
} from '@espalier/core/graph';

type Float = Tensor<'float32'>;

/** The weighted sum of a group's terms. Throws `InputError` when there are none. */
export function groupTotal(balancer: string, terms: readonly TermValue[], group: TermValue['group']): Float {
  const total = weightedSum(terms, group);
  if (total !== undefined) return total;
  const names = { data: 'the text (cross-entropy)', logits: "the teacher's logits", states: 'intermediate states' };
  throw new InputError({
    asked: `balance losses by "${balancer}"`,
    found: `there is no loss on ${names[group]}`,
    fix: 'Add one, or use the balancer "static"',
  });
}

/** x · (like / x) with a constant factor: the value of `like`, the direction of x; 0 where x is not above 0. */
export function asLargeAs(x: Float, like: Float): Float {
  const own = stopGradient(x);
  const factor = divide(stopGradient(like), maximum(own, 1e-20));
  return multiply(x, where(lessEqual(own, 0), zerosLike(factor), factor));
}
