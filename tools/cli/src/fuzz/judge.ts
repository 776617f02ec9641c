// What an outcome is worth: success and one clean sentence about the input are both right, all else is a fault.
import { InputError, terminalText } from '@espalier/core';
import { describeFailure } from '../errors.js';

/** Longest message that a person would read. */
const LONGEST = 4000;

/** What is wrong with an error that an input gave; `undefined` where it is a good answer. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof InputError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `no answer but an error: ${stack.split('\n').slice(0, 4).join(' ')}`;
  }
  const { text, exitCode } = describeFailure(error);
  if (exitCode !== 2) return `exit code ${exitCode}: ${text.slice(0, 300)}`;
  if (text !== terminalText(text) || text.includes('\n'))
    return `characters that drive a terminal: ${JSON.stringify(text.slice(0, 300))}`;
  if (text.length > LONGEST) return `a message of ${text.length} characters: ${text.slice(0, 300)}`;
  return undefined;
}
