// Loads TensorFlow's C library through its addon for Node, which needs two things of the process first.
import util from 'node:util';

/** Imports @tensorflow/tfjs-node or its twin for GPUs, which register with TensorFlow.js as "tensorflow". */
export async function loadAddon(packageName: string): Promise<unknown> {
  restoreUtil(util);
  // The library tells about the processor on stderr, past Node's streams, so that a live view could not catch it.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  return import(packageName) as Promise<unknown>;
}

/** Puts back what tfjs-node 4.22 uses in nearly every kernel and Node 23 took out of `util`. */
export function restoreUtil(own: object): void {
  if ('isNullOrUndefined' in own) return;
  Object.assign(own, { isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined });
}
