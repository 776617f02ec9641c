// Work that must end: a regular expression from a file may try ways without number, and nothing else in JavaScript can stop it.
import { createContext, Script } from 'node:vm';

// Made once: a context costs a millisecond, a call of the script a tenth of one.
const slot: { work: () => void } = { work: () => undefined };
const context = createContext(slot);
const script = new Script('work()');

/** Times that work is begun again for want of a processor. */
const TRIES = 10;

/**
 * Runs work and returns what it gives; throws what `late` makes where it takes longer than so many milliseconds. Where the process had no
 * processor for most of that time, the work is begun anew: a busy machine is no fault of a text.
 */
export function withDeadline<T>(milliseconds: number, work: () => T, late: () => Error): T {
  for (let left = TRIES; ; left--) {
    const before = process.cpuUsage();
    const result = attemptWithin(milliseconds, work);
    if (result !== undefined) return result.value;
    const { user, system } = process.cpuUsage(before);
    if (left === 1 || (user + system) / 1000 > milliseconds / 2) throw late();
  }
}

/** What the work gives; nothing where it is cut off. */
function attemptWithin<T>(milliseconds: number, work: () => T): { readonly value: T } | undefined {
  let result: { readonly value: T } | undefined;
  slot.work = () => {
    result = { value: work() };
  };
  try {
    script.runInContext(context, { timeout: Math.ceil(milliseconds) });
  } catch (error) {
    const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return undefined;
  } finally {
    slot.work = () => undefined; // what a text held is not kept alive
  }
  return result;
}
