// SHA-256 of files of any size.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { attempt, regularFile } from './files.js';

/** What a file holds, as a manifest records it. */
export type FileDigest = {
  /** Size of the file in bytes. */
  readonly bytes: number;
  /** SHA-256 of its content, in lower-case hexadecimal. */
  readonly sha256: string;
};

/** Size and SHA-256 of a file, read as a stream; `seen` is told how many of its bytes have been read. Throws `InputError` when it cannot be read. */
export async function digestFile(path: string, seen: (bytes: number) => void = () => undefined): Promise<FileDigest> {
  const hash = createHash('sha256');
  const asked = `read "${path}"`;
  return attempt({ asked, fix: 'Check that the file is there and may be read' }, async () => {
    const size = await regularFile(path, asked);
    const source = createReadStream(path, { highWaterMark: 2 ** 20 });
    for await (const piece of source) {
      if (Buffer.isBuffer(piece)) hash.update(piece);
      seen(source.bytesRead);
    }
    return { bytes: size, sha256: hash.digest('hex') };
  });
}
