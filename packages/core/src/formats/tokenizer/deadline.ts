// Work that must end: a regular expression from a file may try ways without number, and nothing else in JavaScript can stop it.
import { createContext, Script } from 'node:vm';

// Made once: a context costs a millisecond, a call of the script a tenth of one.
const slot: { work: () => void } = { work: () => undefined };
const context = createContext(slot);
const script = new Script('work()');

/** Runs work and returns what it gives; throws what `late` makes where it takes longer than so many milliseconds. */
export function withDeadline<T>(milliseconds: number, work: () => T, late: () => Error): T {
  let result: { readonly value: T } | undefined;
  slot.work = () => {
    result = { value: work() };
  };
  try {
    script.runInContext(context, { timeout: Math.ceil(milliseconds) });
  } catch (error) {
    const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    throw code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? late() : error;
  } finally {
    slot.work = () => undefined; // what a text held is not kept alive
  }
  if (result === undefined) throw late();
  return result.value;
}
