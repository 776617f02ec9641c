// Looking something up that must be there, where the types cannot say so: a miss is a bug of ours that says what was missed.
// A default in its place (`?? 0`, `?? ''`) would go on with a wrong number or name.
import { InternalError } from './errors.js';

/** The value of a look-up that must succeed. Throws `InternalError`, naming what is missing, where it did not. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InternalError(`${what} is missing`);
  return value;
}

/** The element at an index that a list has, from the end where the index is negative. Throws `InternalError` where it has none. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const found = list[index < 0 ? list.length + index : index];
  if (found === undefined) throw new InternalError(`there is no element ${index} among ${list.length}`);
  return found;
}
