// What a failure looks like to a person, and which exit code it gives.
import { CancelledError, InputError } from '@espalier/core';
import { exitCodes } from './exit-codes.js';

/** One paragraph for stderr and the exit code; the stack is shown with ESPALIER_DEBUG=1 only. */
export function describeFailure(error: unknown): { readonly text: string; readonly exitCode: number } {
  const debug = process.env['ESPALIER_DEBUG'] === '1' && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InputError) return { text: `espalier: ${message}${debug}`, exitCode: exitCodes.badInput };
  if (error instanceof CancelledError) return { text: `espalier: ${message}`, exitCode: exitCodes.interrupted };
  const hint = debug === '' ? ' (set ESPALIER_DEBUG=1 for the stack)' : debug;
  return { text: `espalier: ${message}${hint}`, exitCode: exitCodes.failed };
}
