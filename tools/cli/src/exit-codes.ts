// Exit codes of the command.

/** 0 done, 1 failed while working, 2 bad input. One that was stopped by a signal: see `stopSignals`. */
export const exitCodes = { failed: 1, badInput: 2 } as const;

/** Signals that stop a run in good order, and the exit code of one that was: 128 and the signal's number, as shells have it. */
export const stopSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that stops a run. */
export type StopSignal = keyof typeof stopSignals;
