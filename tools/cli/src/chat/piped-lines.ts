// Lines that are piped into a conversation, as they come. Unlike a terminal, a pipe may be a folder, or a line without an end.
import type { Readable } from 'node:stream';
import { InputError, systemWords } from '@espalier/core';

/** Characters of a line: far more than a context holds. */
const LIMIT = 2 ** 22;
const asked = 'read what is said from standard input';

/** Lines of a stream of UTF-8, without their ends; the signal ends them. Throws `InputError` for what cannot be read, and a line of more than 4 million characters. */
export async function* pipedLines(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  const end = (): void => void input.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      const lines = (begun + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
      begun = lines.pop() ?? '';
      yield* lines;
      if (begun.length > LIMIT) {
        const found = `a line has more than ${LIMIT} characters`;
        throw new InputError({ asked, found, fix: 'End what is said at once by the end of its line' });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    const found = systemWords(error);
    throw found === undefined ? error : new InputError({ asked, found, fix: 'Pipe text into the command' });
  } finally {
    signal.removeEventListener('abort', end);
  }
  begun += decoder.decode();
  if (begun !== '') yield begun;
}
