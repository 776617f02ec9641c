// Errors of the operating system, put into words.
import { constants } from 'node:os';
import { ownValue } from './own-value.js';

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the links go round in a circle',
  EEXIST: 'something is there already',
  ENOTEMPTY: 'the folder is not empty',
  EBUSY: 'another program uses it',
  ETXTBSY: 'another program runs it',
  ENODEV: 'there is no such device',
  ENXIO: 'there is no such device, or nobody at the other end',
  ESPIPE: 'it is a pipe',
  EIO: 'the disk reported an error',
  ESTALE: 'the network disk lost it',
  EREMOTEIO: 'the network disk reported an error',
  ENOTCONN: 'the disk is no longer connected',
  ETIMEDOUT: 'there was no answer in time',
  EHOSTDOWN: 'the machine of the disk does not answer',
  EHOSTUNREACH: 'the machine of the disk cannot be reached',
  EFBIG: 'it would be larger than files may be here',
  EXDEV: 'it is on another disk',
  EINVAL: 'the system does not take such a path or size',
  EILSEQ: 'the system does not take such a name',
  ENOSYS: 'the file system cannot do this',
  ENOTSUP: 'the file system cannot do this',
  EOPNOTSUPP: 'the file system cannot do this',
  ENOMEM: 'there is not enough memory',
  EAGAIN: 'the system is too busy',
  ERR_INVALID_ARG_VALUE: 'the path holds a character that paths cannot hold',
  ERR_FS_FILE_TOO_LARGE: 'the file is larger than can be read in one piece',
  ERR_STRING_TOO_LONG: 'the file is longer than a text may be',
};

/** Codes of a disk that fails, whatever is asked of it. */
const failures: ReadonlySet<string> = new Set([
  ...['EIO', 'ESTALE', 'EREMOTEIO', 'ENOTCONN', 'ETIMEDOUT'],
  ...['EHOSTDOWN', 'EHOSTUNREACH'],
]);

/** Codes of paths at which nothing can be. */
const absences: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE']);

/** The code of an error of the operating system or of Node's file functions, or of what caused it; `undefined` for other errors. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!('code' in error && typeof error.code === 'string')) return systemCode(error.cause);
  if (!error.code.startsWith('Unknown system error') || !('errno' in error)) return error.code;
  // Node has no names for some, such as ESTALE and EDQUOT; the system has.
  const { errno } = error;
  return Object.entries(constants.errno).find(([, number]) => number === -Number(errno))?.[0] ?? error.code;
}

/** Whether an error, or what caused it, is that nothing is at a path. */
export function isAbsence(error: unknown): boolean {
  return absences.has(systemCode(error) ?? '');
}

/** Whether an error, or what caused it, is of a disk that fails or is gone: what is on it is not to be judged by it. */
export function isDiskFailure(error: unknown): boolean {
  return failures.has(systemCode(error) ?? '');
}

/** What the code of an error of the operating system or of Node's file functions says, in words; `undefined` for other errors. */
export function systemWords(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  return ownValue(words, systemCode(error) ?? '');
}
