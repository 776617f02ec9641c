// `events.ndjson`: everything a run said, one JSON object a line, in order. A line that a crash cut off is removed before the
// log goes on.
import {
  closeSync,
  createReadStream,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  fstatSync,
  statSync,
  writeSync,
} from 'node:fs';
import { InputError, regularFile } from '@espalier/core';

/** An open log. */
export interface EventLog {
  /** Appends one line. Throws the error of the file system, e.g. when the disk is full. */
  append(event: object): void;
  /** Makes everything appended so far durable. */
  sync(): void;
  /** Closes the file; a second call does nothing. */
  close(): void;
}

/** Opens a log to be continued; makes it where there is none. Throws `InputError` when it cannot be written. */
export function openEventLog(path: string): EventLog {
  const file = openForAppending(path);
  let open = true;
  return {
    append: (event) => void writeSync(file, `${JSON.stringify(event)}\n`),
    sync: () => fsyncSync(file),
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

function openForAppending(path: string): number {
  // A pipe would wait for a reader for ever.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new InputError({
      asked: `write the events of a run to "${path}"`,
      found: 'something is there that is no regular file',
      fix: 'Remove it, or choose another folder',
    });
  try {
    const file = openSync(path, 'a+');
    ftruncateSync(file, endOfLastLine(file));
    return file;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const fix = 'Choose a folder that can be written to';
    throw new InputError({ asked: `write the events of a run to "${path}"`, found, fix }, { cause });
  }
}

/** Position behind the last line feed, looked for from the end. */
function endOfLastLine(file: number): number {
  const chunk = Buffer.alloc(4096);
  for (let end = fstatSync(file).size; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const read = readSync(file, chunk, 0, end - start, start);
    const last = chunk.subarray(0, read).lastIndexOf(10);
    if (last !== -1) return start + last + 1;
    end = start;
  }
  return 0;
}

/**
 * The events of a log, also while another process writes it; a line that is not whole yet is left out. Throws `InputError`
 * when there is no such file.
 */
export async function* readEventLog(path: string): AsyncGenerator<unknown, void> {
  await regularFile(path, `read the events of "${path}"`);
  for await (const line of linesOf(createReadStream(path, 'utf8'))) {
    const event = parsed(line);
    if (event !== undefined) yield event;
  }
}

/** Lines that end with a line feed, and with nothing else: since Node 24, `readline` also ends them at U+2028, which JSON may hold. */
async function* linesOf(stream: AsyncIterable<string>): AsyncGenerator<string, void> {
  let begun: readonly string[] = [];
  for await (const piece of stream) {
    const [end = '', ...rest] = piece.split('\n');
    begun = [...begun, end];
    for (const next of rest) {
      yield begun.join('');
      begun = [next];
    }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
