// What the checks of the conformance suite expect, in words for the failure.
import { expectClose } from '@espalier/core';
import { hostValues, type HostTensor } from '@espalier/core/graph';

/** Throws unless the tensor holds exactly these numbers. */
export function equalNumbers(tensor: HostTensor | undefined, expected: readonly number[], what: string): void {
  if (tensor === undefined) throw new Error(`there is no ${what}`);
  expectClose(hostValues(tensor), expected, 0, what);
}

/** Throws unless the call gives a promise (it must not throw) that rejects with an error whose text matches every pattern. */
export async function rejects(call: () => Promise<unknown>, ...patterns: readonly RegExp[]): Promise<void> {
  let promise: Promise<unknown>;
  try {
    promise = call();
  } catch (cause) {
    throw new Error('threw at the call instead of rejecting', { cause });
  }
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (thrown === undefined) throw new Error('did not reject');
  if (!(thrown.error instanceof Error)) throw new Error('rejected with something other than an Error');
  const { message } = thrown.error;
  const missing = patterns.find((pattern) => !pattern.test(message));
  if (missing !== undefined) throw new Error(`rejected with "${message}", which does not match ${String(missing)}`);
}
