// What is done before a model can run, told to whoever waits for it: weights are put on the device, programs are compiled.
import type { Executable, StorageType } from '../backend/index.js';
import type { Program } from '../graph/index.js';
import type { RunnerContext } from './model-runner.js';

/** Told how far it has come; counts of `unit`. */
export type Told = (progress: { readonly done: number; readonly total: number; readonly unit: string }) => void;

/** Milliseconds before a work is told of, and from one time to the next: most are over by then. */
const PACE = 500;

/** Does a work and tells of it while it takes longer than half a second: how far it is then, and its end. */
export async function toldWhile<Value>(
  watch: Told | undefined,
  unit: string,
  total: number,
  work: (count: () => void) => Promise<Value>,
): Promise<Value> {
  if (watch === undefined) return work(() => undefined);
  let [done, isTold] = [0, false];
  const timer = setInterval(() => {
    isTold = true;
    watch({ done, total, unit });
  }, PACE);
  try {
    const value = await work(() => void (done += 1));
    if (isTold) watch({ done: total, total, unit });
    return value;
  } finally {
    clearInterval(timer);
  }
}

/** Compiles a program, told as `toldWhile`. */
export function compileFor(
  { backend, device, watch }: RunnerContext,
  program: Program,
  stored?: ReadonlyMap<string, StorageType>,
): Promise<Executable> {
  return toldWhile(watch, 'programs compiled', 1, () => backend.compile(program, device, stored));
}
