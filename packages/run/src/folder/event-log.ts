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
import { attempt, InputError, isDiskFailure, regularFile, systemWords } from '@espalier/core';

/** An open log. */
export interface EventLog {
  /** Appends one line. Throws `InputError`, e.g. when the disk is full. */
  append(event: object): void;
  /** Makes everything appended so far durable. Throws `InputError`. */
  sync(): void;
  /** Closes the file; a second call does nothing. What matters was synced before: an error of closing tells nothing. */
  close(): void;
}

/** Opens a log to be continued; makes it where there is none. Throws `InputError` when it cannot be written. */
export function openEventLog(path: string): EventLog {
  const file = openForAppending(path);
  let open = true;
  return {
    append: (event) => told(path, () => writeWhole(file, Buffer.from(`${JSON.stringify(event)}\n`))),
    sync: () => told(path, () => fsyncSync(file)),
    close() {
      try {
        if (open) closeSync(file);
      } catch {
        // nothing more can be done with it
      }
      open = false;
    },
  };
}

/** The first write of a line may take a part of it, as where a disk runs full. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function told<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const found = systemWords(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    const fix = isDiskFailure(cause)
      ? 'Check the disk and the connection to it, then go on with the run: espalier resume'
      : 'Choose a folder that can be written to, or make room and go on with the run: espalier resume';
    throw new InputError({ asked: `write the events of a run to "${path}"`, found, fix }, { cause });
  }
}

function openForAppending(path: string): number {
  // A pipe would wait for a reader for ever.
  if (told(path, () => statSync(path, { throwIfNoEntry: false }))?.isFile() === false)
    throw new InputError({
      asked: `write the events of a run to "${path}"`,
      found: 'something is there that is no regular file',
      fix: 'Remove it, or choose another folder',
    });
  return told(path, () => {
    const file = openSync(path, 'a+');
    ftruncateSync(file, endOfLastLine(file));
    return file;
  });
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
  const asked = `read the events of "${path}"`;
  await regularFile(path, asked);
  const lines = linesOf(createReadStream(path, 'utf8'));
  const next = () => attempt({ asked, fix: 'Check the permissions of the file' }, () => lines.next());
  for (let line = await next(); line.done !== true; line = await next()) {
    const event = parsed(line.value);
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
