// The folder of a run: its events as they happen, and its summary at the end, written whole or not at all.
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, type PipelineEvent } from '@espalier/core';
import type { Summary } from './summary.js';

export interface RunFolder {
  readonly path: string;
  /** Appends to `events.ndjson`. */
  log(event: PipelineEvent): void;
  /** Writes `summary.json` and ends the log. */
  finish(summary: Summary): void;
  close(): void;
}

/** Makes the folder and begins a new event log; an earlier run's log is replaced, its summary removed. Throws `InputError`. */
export function createRunFolder(path: string): RunFolder {
  const log = beginLog(path);
  let open = true;
  const close = (): void => {
    if (open) closeSync(log);
    open = false;
  };
  return {
    path,
    log: (event) => void writeSync(log, `${JSON.stringify(event)}\n`),
    finish(summary) {
      const temporary = join(path, '.summary.json.tmp');
      const file = openSync(temporary, 'w');
      writeSync(file, `${JSON.stringify(summary, null, 2)}\n`);
      fsyncSync(file);
      closeSync(file);
      renameSync(temporary, join(path, 'summary.json'));
      close();
    },
    close,
  };
}

function beginLog(path: string): number {
  try {
    mkdirSync(path, { recursive: true });
    rmSync(join(path, 'summary.json'), { force: true });
    return openSync(join(path, 'events.ndjson'), 'w');
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const fix = 'Give --run a folder that can be written to';
    throw new InputError({ asked: `write the events of a run to "${path}"`, found, fix }, { cause });
  }
}
