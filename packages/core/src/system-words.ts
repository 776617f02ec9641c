// Errors of the operating system, put into words.
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

/** What the code of an error of the operating system or of Node's file functions says, in words; `undefined` for other errors. */
export function systemWords(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return undefined;
  return ownValue(words, error.code);
}
