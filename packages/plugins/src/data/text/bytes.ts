// A file as pieces of bytes: unpacked where it is gzip, refused where it is packed otherwise.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { InputError, systemWords } from '@espalier/core';

/** How packed files begin, and what unpacks them. */
const packedKinds: readonly (readonly [bytes: readonly number[], kind: string, command: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'Zstandard', 'zstd -d'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', 'xz -d'],
  [[0x42, 0x5a, 0x68], 'bzip2', 'bzip2 -d'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive', 'unzip'],
  [[0x50, 0x41, 0x52, 0x31], 'Parquet', 'format parquet'],
];

/** Pieces of a file's content, never empty. Throws `InputError` for a file that cannot be read or unpacked. */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const asked = `read text "${file}"`;
  try {
    const start = await firstBytes(file);
    const begins = (bytes: readonly number[]): boolean => bytes.every((byte, index) => start[index] === byte);
    const kind = packedKinds.find(([bytes]) => begins(bytes));
    if (kind !== undefined) {
      const [, found, command] = kind;
      const fix = command.startsWith('format') ? `Read it with ${command}` : `Unpack it first: ${command}`;
      throw new InputError({ asked, found: `it is ${found}`, fix });
    }
    const source = createReadStream(file, { highWaterMark: 2 ** 18 });
    const stream = begins([0x1f, 0x8b]) ? source.pipe(createGunzip()) : source;
    source.on('error', (error) => stream.destroy(error));
    try {
      for await (const piece of stream) if (Buffer.isBuffer(piece) && piece.length > 0) yield piece;
    } finally {
      source.destroy();
      stream.destroy();
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const found = systemWords(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new InputError({ asked, found, fix: 'Give the path of a whole file that may be read' }, { cause });
  }
}

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
