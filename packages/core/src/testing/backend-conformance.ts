// The suite that every backend must pass. In a spec file of the backend:
//   describeBackend('mine', () => myBackend());
import { describe, test } from 'vitest';
import type { Backend } from '../backend/backend.js';
import { Bench, runCheck, type CheckGroup } from './conformance/bench.js';
import { refusals } from './conformance/refusals.js';
import { runningChecks } from './conformance/running.js';
import { stateChecks } from './conformance/state.js';
import { valueChecks } from './conformance/values.js';

export interface ConformanceOptions {
  /** A device of the backend; its first when not given. */
  readonly device?: string;
  /** Largest difference from the reference evaluator, relative to max(1, largest value) of a tensor; 1e-5 when not given. */
  readonly tolerance?: number;
}

/** Every check of the suite. float16 is only asked for as something to hold and to convert, not to compute with. */
export function conformanceChecks(): readonly CheckGroup[] {
  return [...runningChecks, refusals, ...stateChecks, ...valueChecks()];
}

/** Declares the suite's tests. The backend is made once, when the first of them runs. */
export function describeBackend(
  name: string,
  makeBackend: () => Promise<Backend> | Backend,
  { device, tolerance = 1e-5 }: ConformanceOptions = {},
): void {
  let made: Promise<Backend> | undefined;
  const backend = (): Promise<Backend> => (made ??= Promise.resolve().then(makeBackend));
  describe(`backend ${name}`, () => {
    for (const { title, checks } of conformanceChecks()) {
      describe(title, () => {
        test.each(checks.map((check) => [check.title, check] as const))('%s', async (_title, check) => {
          await runCheck(check, new Bench(await backend(), tolerance, device));
        });
      });
    }
  });
}
