// Ctrl-C, the end of a job's time (SIGTERM) and of its terminal (SIGHUP): the first asks the run to stop, the second ends the
// process at once. A training that is at work is let finish its step and save a checkpoint; everything else stops where it next
// looks. Node undoes `nohup`, so a run that is to outlive its terminal is begun with `setsid` or in tmux.
import { setMaxListeners } from 'node:events';
import type { StopRequest } from '@espalier/run';
import { stopSignals, type StopSignal } from './exit-codes.js';
import { noteLines } from './terminal/print.js';

/** A request to stop that comes from a signal. */
export interface Interrupt extends StopRequest {
  /** The signal that came first. */
  readonly by: StopSignal | undefined;
  /** Stops listening. */
  stop(): void;
}

const signals = Object.keys(stopSignals).filter((name): name is StopSignal => Object.hasOwn(stopSignals, name));

/** Listens for the signals until `stop`. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every stage of a run listens
  let by: StopSignal | undefined;
  let holders = 0;
  const follow = (): void => {
    if (by !== undefined && holders === 0 && !controller.signal.aborted) controller.abort(new Error('interrupted'));
  };
  const hear = (signal: StopSignal): void => {
    if (by !== undefined) process.exit(stopSignals[by]);
    by = signal;
    const what = holders > 0 ? 'stopping after this step, with a checkpoint' : 'stopping';
    noteLines('', `espalier: ${what}; ${signal === 'SIGINT' ? 'Ctrl-C' : signal} again ends it at once`);
    follow();
  };
  const listeners = signals.map((signal) => ({ signal, listener: () => hear(signal) }));
  for (const { signal, listener } of listeners) process.on(signal, listener);
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    get requested() {
      return by !== undefined;
    },
    hold() {
      holders += 1;
      return () => {
        holders -= 1;
        follow();
      };
    },
    stop() {
      for (const { signal, listener } of listeners) process.off(signal, listener);
    },
  };
}
