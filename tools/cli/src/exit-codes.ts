// Exit codes of the command.

/** 0 done, 1 failed while working, 2 bad input, 130 interrupted. */
export const exitCodes = { failed: 1, badInput: 2, interrupted: 130 } as const;
