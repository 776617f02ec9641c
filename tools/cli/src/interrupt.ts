// Ctrl-C: the first asks the run to stop, the second ends the process at once. A training that is at work is let finish its step
// and save a checkpoint; everything else stops where it next looks.
import { setMaxListeners } from 'node:events';
import type { StopRequest } from '@espalier/run';
import { exitCodes } from './exit-codes.js';

export interface Interrupt extends StopRequest {
  /** Stops listening. */
  stop(): void;
}

/** Listens for SIGINT until `stop`. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every stage of a run listens
  let requested = false;
  let holders = 0;
  const follow = (): void => {
    if (requested && holders === 0 && !controller.signal.aborted) controller.abort(new Error('interrupted'));
  };
  const listener = (): void => {
    if (requested) process.exit(exitCodes.interrupted);
    requested = true;
    const what = holders > 0 ? 'stopping after this step, with a checkpoint' : 'stopping';
    process.stderr.write(`\nespalier: ${what}; Ctrl-C again ends it at once\n`);
    follow();
  };
  process.on('SIGINT', listener);
  return {
    signal: controller.signal,
    get requested() {
      return requested;
    },
    hold() {
      holders += 1;
      return () => {
        holders -= 1;
        follow();
      };
    },
    stop: () => void process.off('SIGINT', listener),
  };
}
