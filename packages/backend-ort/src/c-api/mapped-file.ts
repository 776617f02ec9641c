// Files as memory: the system reads their pages when a kernel touches them, and takes them back when memory is short.
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { InputError, statVersion } from '@espalier/core';
import koffi from 'koffi';

/** A file in memory, for reading. */
export interface MappedFile {
  /** Where its first byte lies. */
  readonly address: bigint;
  /** Bytes of the file. */
  readonly bytes: number;
  /** What tells it from a later file of its name (`statVersion`). */
  readonly version: string;
  /** Unmaps it; nothing may point into it then. */
  release(): void;
}

/** Whether this system's call for it is known here: that of Linux and macOS. */
export const canMap = process.platform === 'linux' || process.platform === 'darwin';

const READ = 1; // PROT_READ
const PRIVATE = 2; // MAP_PRIVATE

/** Maps a whole file. Throws `InputError` when the system refuses. */
export function mapFile(path: string): MappedFile {
  const { mmap, munmap } = systemCalls();
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file, { bigint: true });
    const size = Number(stat.size);
    const address: unknown = mmap(null, size, READ, PRIVATE, file, 0);
    // MAP_FAILED is −1.
    if (typeof address !== 'bigint' || BigInt.asIntN(64, address) === -1n) {
      throw new InputError({
        asked: `read ${path} as memory`,
        found: `the system refuses (errno ${koffi.errno()})`,
        fix: 'Copy the file to a local disk, or raise the limit of address space (ulimit -v)',
      });
    }
    return { address, bytes: size, version: statVersion(stat), release: () => void munmap(address, size) };
  } finally {
    closeSync(file);
  }
}

/** Of the file that lies there now; empty where there is none. */
export function fileVersion(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : statVersion(stat);
}

let calls: ReturnType<typeof bindCalls> | undefined;
const systemCalls = (): ReturnType<typeof bindCalls> => (calls ??= bindCalls());

function bindCalls() {
  const process = koffi.load(null);
  return {
    process, // koffi unloads what nobody holds
    mmap: process.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
    munmap: process.func('munmap', 'int', ['void *', 'size_t']),
  };
}
