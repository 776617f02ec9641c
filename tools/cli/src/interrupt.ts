// Ctrl-C, the end of a job's time (SIGTERM) and of its terminal (SIGHUP): the first asks what is at work to stop, the second ends the
// process at once. Node undoes `nohup`, so a run that is to outlive its terminal is begun with `setsid` or in tmux.
import { setMaxListeners } from 'node:events';
import { stopSignals, type StopSignal } from './exit-codes.js';
import { noteLines } from './terminal/notes.js';

export interface Interrupt {
  /** Aborted when the command was asked to stop. */
  readonly signal: AbortSignal;
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
  const hear = (signal: StopSignal): void => {
    if (by !== undefined) return end(by);
    by = signal;
    const again = signal === 'SIGINT' ? 'Ctrl-C' : signal;
    noteLines(
      '',
      `espalier: stopping; a training ends its step first and saves a checkpoint; ${again} again ends it at once`,
      'A search keeps the candidates that are done; the one at work begins anew when the run is gone on with',
    );
    controller.abort(new Error('interrupted'));
  };
  /** By the signal itself: `process.exit` would wait for the program that is running, a minute where a step takes one. */
  const end = (signal: StopSignal): void => {
    process.emit('exit', stopSignals[signal]); // the cursor comes back
    stop();
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
  const listeners = signals.map((signal) => ({ signal, listener: () => hear(signal) }));
  for (const { signal, listener } of listeners) process.on(signal, listener);
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    stop,
  };
}
