// Ctrl-C: the first asks what is at work to stop, the second ends the process at once.
import { setMaxListeners } from 'node:events';
import { exitCodes } from './exit-codes.js';

export interface Interrupt {
  /** Aborted when the command was asked to stop. */
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
    const what = 'stopping; a training ends its step first and saves a checkpoint';
    process.stderr.write(`\nespalier: ${what}; Ctrl-C again ends it at once\n`);
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', listener);
  return { signal: controller.signal, stop: () => void process.off('SIGINT', listener) };
}
