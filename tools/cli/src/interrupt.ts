// Ctrl-C: the first asks the run to stop at its next step, the second ends the process at once.
import { setMaxListeners } from 'node:events';
import { exitCodes } from './exit-codes.js';

export interface Interrupt {
  /** Aborted by the first SIGINT. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  stop(): void;
}

/** Listens for SIGINT until `stop`. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every stage of a run listens
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write('\nespalier: stopping; Ctrl-C again ends it at once\n');
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', listener);
  return { signal: controller.signal, stop: () => void process.off('SIGINT', listener) };
}
