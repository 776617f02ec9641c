// What a failure looks like to a person, and which exit code it gives.
import { CancelledError, InputError, systemCode, systemWords, terminalLine } from '@espalier/core';
import { exitCodes, stopSignals } from './exit-codes.js';
import { withoutSecrets } from './terminal/notes.js';
import { verbosity } from './terminal/verbosity.js';

/** One paragraph for stderr, without secrets, and the exit code; the stack is shown with --verbose only. */
export function describeFailure(error: unknown): { readonly text: string; readonly exitCode: number } {
  const debug = verbosity() === 'verbose' && error instanceof Error ? `\n${withoutSecrets(error.stack ?? '')}` : '';
  const failed = (message: string, exitCode: number) => ({
    text: `espalier: ${terminalLine(withoutSecrets(message))}${debug}`,
    exitCode,
  });
  const message = error instanceof Error ? error.message : String(error);
  if (isFull(error)) return failed(`${wordsOf(error)} What was complete before is intact.`, exitCodes.failed);
  if (error instanceof InputError) return failed(message, exitCodes.badInput);
  if (error instanceof CancelledError) return failed(message, stopSignals.SIGINT);
  const words = systemWords(error);
  // Nobody has put it into words, but the system does not take what the command was given.
  if (words !== undefined) return failed(`${wordsOf(error)} Check that path.`, exitCodes.badInput);
  return failed(`${message}${debug === '' ? ' (--verbose shows the stack)' : ''}`, exitCodes.failed);
}

/** What an error says: of one of the system, what was done to which path, and the reason. */
function wordsOf(error: unknown): string {
  const words = systemWords(error);
  if (words === undefined) return error instanceof Error ? error.message : String(error);
  const part = (name: string): unknown =>
    error instanceof Error ? Object.entries(error).find(([key]) => key === name)?.[1] : undefined;
  const [call, path] = [part('syscall'), part('path')];
  const done = [
    typeof call === 'string' ? call : 'use the file system',
    ...(typeof path === 'string' ? [`"${path}"`] : []),
  ];
  return `${done.join(' ')}: ${words}.`;
}

/** Whether a disk or a quota ran full while the command worked: then nothing is wrong with what it was given. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '') || isFull(error.cause);
}
