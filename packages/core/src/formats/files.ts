// The file system at the edge: operating-system errors put into words, and files that appear whole or not at all
// (temporary file, fsync, rename, fsync of the folder).
import { randomUUID } from 'node:crypto';
import { constants } from 'node:buffer';
import type { BigIntStats, Dirent } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { isAbsence, isDiskFailure, systemCode, systemWords } from '../system-words.js';
import { quote } from './quote.js';

const maximumSmallFileBytes = 100_000_000;

const failingDisk =
  'Check the disk and the connection to it, then try again; a run that was begun goes on with "espalier resume"';

/** Runs file operations; an operating-system error becomes an InputError that keeps it as its cause. Of a disk that fails, `fix` says so instead. */
export async function attempt<T>(
  parts: { readonly asked: string; readonly fix: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && typeof cause.code === 'string')) throw cause;
    const fix = isDiskFailure(cause) ? failingDisk : parts.fix;
    throw new InputError({ ...parts, found: systemWords(cause) ?? cause.message, fix }, { cause });
  }
}

/** Whether something exists at the path. Throws `InputError` where that cannot be told, as of a disk that fails. */
export function exists(path: string): Promise<boolean> {
  return attempt({ asked: `look for ${quote(path)}`, fix: `Check the permissions of ${quote(path)}` }, () =>
    isThere(path),
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** What is in a folder; nothing where there is no such folder. Throws `InputError` where it cannot be read. */
export function listFolder(path: string): Promise<readonly Dirent[]> {
  return attempt({ asked: `list ${quote(path)}`, fix: `Check the permissions of ${quote(path)}` }, () =>
    readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      if (isAbsence(error)) return [];
      throw error;
    }),
  );
}

/**
 * Size in bytes of a regular file of at most `limit` bytes. Throws `InputError` for anything else, so that no pipe, device or
 * endless file is ever opened.
 */
export async function regularFile(path: string, asked: string, limit = Infinity): Promise<number> {
  const facts = await attempt({ asked, fix: `Check the path ${quote(path)}` }, () => stat(path));
  if (!facts.isFile())
    throw new InputError({
      asked,
      found: `${quote(path)} is ${facts.isDirectory() ? 'a folder' : 'not a regular file'}`,
      fix: 'Give the path of a file',
    });
  if (facts.size <= limit) return facts.size;
  throw new InputError({
    asked,
    found: `${quote(path)} has ${facts.size} bytes, more than the ${limit} that such a file may have`,
    fix: 'Check that it is the right file',
  });
}

/**
 * The bytes of a regular file of at most `maximumBytes` (100 MB when not given): what is no tensor data. Throws `InputError`, before
 * anything is opened, for a larger one and for what is no regular file, and for a pointer of Git LFS in place of a file.
 */
export async function readSmallFile(
  path: string,
  asked: string,
  maximumBytes = maximumSmallFileBytes,
): Promise<Uint8Array> {
  await regularFile(path, asked, maximumBytes);
  const bytes = await attempt({ asked, fix: `Check the permissions of ${quote(path)}` }, () => readFile(path));
  refusePointer(bytes, path, asked);
  return bytes;
}

const pointerStart = 'version https://git-lfs.github.com/spec/';

/** Throws `InputError` where the first bytes of a file are those of a Git LFS pointer: the file itself was not downloaded. */
export function refusePointer(start: Uint8Array, path: string, asked: string): void {
  const text = new TextDecoder('latin1').decode(start.subarray(0, pointerStart.length));
  if (!text.startsWith(pointerStart.slice(0, 8)) || !pointerStart.startsWith(text)) return;
  throw new InputError({
    asked,
    found: `${quote(path)} is a pointer of Git LFS, not the file itself`,
    fix: 'Run "git lfs install" once and "git lfs pull" in the folder, or download the file from where the model came from',
  });
}

/** The text of a file of at most `limit` bytes, without a byte-order mark. Throws `InputError` for what is no UTF-8. */
export async function readSmallText(path: string, asked: string, limit: number): Promise<string> {
  const bytes = await readSmallFile(path, asked, limit);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError({ asked, found: `${quote(path)} is not UTF-8`, fix: 'Save it as UTF-8' }, { cause });
  }
}

/**
 * Makes a folder and those above it. Throws the error of the file system: where a parent cannot have folders (below /proc),
 * `mkdir` with `recursive` of Node 20 tries for ever.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let place = resolve(path);
  for (; !(await isThere(place)) && dirname(place) !== place; place = dirname(place)) missing.unshift(place);
  if (missing.length === 0) await mkdir(place, { recursive: true }); // fails where it is no folder
  for (const folder of missing) {
    await mkdir(folder).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error; // made by another meanwhile
    });
  }
}

// One system call moves at most 2 GiB; half of that keeps clear of every platform's line.
const chunkBytes = 2 ** 30;

/** Reads exactly `length` bytes from `position`; throws InputError where the file ends early or memory cannot hold them. */
export async function readExactly(
  file: FileHandle,
  position: number,
  length: number,
  asked: string,
): Promise<Uint8Array> {
  if (length > constants.MAX_LENGTH)
    throw new InputError({
      asked,
      found: `${length} bytes in one piece are more than this version of Node can hold (${constants.MAX_LENGTH})`,
      fix: 'Use a newer version of Node, or a checkpoint with smaller tensors',
    });
  const bytes = new Uint8Array(length);
  await attempt({ asked, fix: 'Check the disk and try again' }, async () => {
    for (let done = 0; done < length;) {
      const { bytesRead } = await file.read(bytes, done, Math.min(chunkBytes, length - done), position + done);
      if (bytesRead === 0)
        throw new InputError({
          asked,
          found: `the file ended at byte ${position + done} although it was longer when it was opened`,
          fix: 'Let nothing write to the file while it is in use, and try again',
        });
      done += bytesRead;
    }
  });
  return bytes;
}

/** Appends all the bytes; throws InputError, for example when the disk is full. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, asked: string): Promise<void> {
  await attempt({ asked, fix: 'Free some space or choose another place, then try again' }, async () => {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, Math.min(chunkBytes, bytes.length - done));
      done += bytesWritten;
    }
  });
}

/** Writes a file that appears at `path` whole or not at all; what stood there before stays until then. */
export async function writeWhole(
  path: string,
  asked: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const parts = { asked, fix: 'Choose a path that can be written to' };
  // A name that stands for a device or a pipe would stand for a file afterwards.
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() === false)
    throw new InputError({ ...parts, found: facts.isDirectory() ? 'it is a folder' : 'it is not a regular file' });
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const file = await attempt(parts, () => open(temporary, 'wx'));
  try {
    try {
      await write(file);
      await attempt(parts, () => file.sync());
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    await attempt(parts, () => file.close()); // network disks tell here what they could not write
    await attempt(parts, () => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** What file systems say that cannot sync a folder. */
const cannotSync: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS', 'EISDIR']);

/** Makes renames and new names in a folder durable, where the file system can; Windows has no such call and needs none. Throws `InputError`. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await attempt(
    { asked: `write to folder ${quote(path)}`, fix: `Check the permissions of ${quote(path)}` },
    async () => {
      const folder = await open(path, 'r');
      try {
        await folder.sync().catch((error: unknown) => {
          if (!cannotSync.has(systemCode(error) ?? '')) throw error;
        });
      } finally {
        await folder.close().catch(() => undefined);
      }
    },
  );
}

/** What tells a file from another that has taken its name, or that it has become: device, inode, bytes, time of change. */
export function statVersion({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs].join(' ');
}
