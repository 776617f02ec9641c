// Ctrl-C: the first asks the run to stop, the second ends the process at once. A training that is at work is let finish its step
// and save a checkpoint; everything else stops where it next looks.
import { setMaxListeners } from 'node:events';
import { exitCodes } from './exit-codes.js';

/** What a run looks at to learn that it should stop. */
export interface StopRequest {
  /** Whether it was asked to stop. */
  readonly requested: boolean;
  /** Aborted when it was asked to stop, as soon as nobody holds it. */
  readonly signal: AbortSignal;
  /** Keeps the signal back while somebody who looks at `requested` ends in good order; the returned function lets it go. */
  hold(): () => void;
}

export interface Interrupt extends StopRequest {
  /** Stops listening. */
  stop(): void;
}

/** A request that never comes, or comes from a signal. */
export function stopRequest(signal: AbortSignal = new AbortController().signal): StopRequest {
  return {
    signal,
    get requested() {
      return signal.aborted;
    },
    hold: () => () => undefined,
  };
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
