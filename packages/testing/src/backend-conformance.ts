// The suite that every backend must pass. In a spec file of the backend:
//   describeBackend('mine', () => myBackend());
import { describe, test } from 'vitest';
import type { Backend } from '@espalier/core/graph';
import { compositeCases } from './composite-cases.js';
import { Bench, runCheck, type CheckGroup } from './conformance/bench.js';
import { memoryChecks } from './conformance/memory.js';
import { mixedPrecisionChecks } from './conformance/mixed.js';
import { refusals } from './conformance/refusals.js';
import { runningChecks } from './conformance/running.js';
import { slopeChecks } from './conformance/slopes.js';
import { stateChecks } from './conformance/state.js';
import { valueChecks } from './conformance/values.js';

/** How the suite is run on a backend. */
export interface ConformanceOptions {
  /** A device of the backend; its first when not given. */
  readonly device?: string;
  /** Largest difference from the reference evaluator, relative to max(1, largest value) of a tensor; 1e-5 when not given. */
  readonly tolerance?: number;
  /** Checks that a device cannot pass, with the reason; they are reported as skipped, under it. */
  readonly limits?: readonly KnownLimit[];
  /** Which groups of checks to run, by title, for a device that is too slow for all; all when not given. */
  readonly only?: (group: { readonly title: string }) => boolean;
}

/**
 * Which groups of checks run on a GPU that is software, for `only`: all in CI, elsewhere those that cover the most in the least time
 * (programs, state, composites), since every kernel is compiled anew.
 */
export function onSoftwareGpu({ title }: { readonly title: string }): boolean {
  if (process.env['CI'] !== undefined || process.env['ESPALIER_SOFTWARE_GPU'] === undefined) return true;
  const whole = [...runningChecks, refusals, ...stateChecks].map((group) => group.title);
  return title in compositeCases || title === 'random programs' || whole.includes(title);
}

/** Something a device cannot do. */
export interface KnownLimit {
  /** Title of the check's group. */
  readonly group: string;
  /** Title of the check; all of the group when not given. */
  readonly check?: string;
  /** Why not, for the report. */
  readonly reason: string;
}

/**
 * Declares the suite's tests for each named device of a backend; for one that cannot be used here, a skipped test that says
 * why. Await it at the top of a spec file. Throws for a device that the backend does not list.
 */
export async function describeDevices(
  makeBackend: (device: string) => Backend,
  names: readonly string[],
  options: Omit<ConformanceOptions, 'device'> = {},
): Promise<void> {
  for (const name of names) {
    const backend = makeBackend(name);
    const device = (await backend.devices()).find((own) => own.name === name);
    const pair = `${backend.name}:${name}`;
    if (device === undefined) throw new Error(`${pair}: there is no such device`);
    if (device.unavailable === undefined) describeBackend(pair, () => backend, { ...options, device: name });
    else test.skip(`backend ${pair}: ${device.unavailable.reason}`, () => undefined);
  }
}

/** Every check of the suite. In float16 only what `mixedPrecision` makes is asked for, besides holding and converting. */
export function conformanceChecks(): readonly CheckGroup[] {
  return [
    ...runningChecks,
    refusals,
    ...stateChecks,
    ...valueChecks(),
    slopeChecks,
    mixedPrecisionChecks,
    memoryChecks,
  ];
}

/** Declares the suite's tests. The backend is made once, when the first of them runs. */
export function describeBackend(
  name: string,
  makeBackend: () => Promise<Backend> | Backend,
  { device, tolerance = 1e-5, limits = [], only = () => true }: ConformanceOptions = {},
): void {
  let made: Promise<Backend> | undefined;
  const backend = (): Promise<Backend> => (made ??= Promise.resolve().then(makeBackend));
  describe(`backend ${name}`, () => {
    for (const { title, checks } of conformanceChecks().filter(only)) {
      describe(title, () => {
        for (const check of checks) {
          const limit = limits.find((own) => own.group === title && (own.check ?? check.title) === check.title);
          if (limit !== undefined) test.skip(`${check.title}: ${limit.reason}`, () => undefined);
          else {
            test(check.title, async () => {
              await runCheck(check, new Bench(await backend(), tolerance, device));
            });
          }
        }
      });
    }
  });
}
