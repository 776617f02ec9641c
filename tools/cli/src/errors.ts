// What a failure looks like to a person, and which exit code it gives.
import { CancelledError, InputError } from '@espalier/core';
import { exitCodes } from './exit-codes.js';

/** One paragraph for stderr and the exit code; the stack is shown with ESPALIER_DEBUG=1 only. */
export function describeFailure(error: unknown): { readonly text: string; readonly exitCode: number } {
  const debug = process.env['ESPALIER_DEBUG'] === '1' && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  const message = error instanceof Error ? error.message : String(error);
  if (isFull(error))
    return { text: `espalier: ${message} What was complete before is intact.${debug}`, exitCode: exitCodes.failed };
  if (error instanceof InputError) return { text: `espalier: ${message}${debug}`, exitCode: exitCodes.badInput };
  if (error instanceof CancelledError) return { text: `espalier: ${message}`, exitCode: exitCodes.interrupted };
  const hint = debug === '' ? ' (set ESPALIER_DEBUG=1 for the stack)' : debug;
  return { text: `espalier: ${message}${hint}`, exitCode: exitCodes.failed };
}

/** Whether a disk or a quota ran full while the command worked: then nothing is wrong with what it was given. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return isFull(error.cause);
}
