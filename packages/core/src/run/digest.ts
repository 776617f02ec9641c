// Fingerprints: plain data as one line of canonical JSON, and SHA-256 of text and of files of any size.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { attempt, regularFile } from '../formats/index.js';
import type { Json } from '../pipeline/index.js';

/** What a file holds, as a manifest records it. */
export type FileDigest = {
  /** Size of the file in bytes. */
  readonly bytes: number;
  /** SHA-256 of its content, in lower-case hexadecimal. */
  readonly sha256: string;
};

/** JSON with the keys of every object sorted, so that equal values give equal text. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, own]) => `${JSON.stringify(key)}:${canonicalJson(own)}`).join(',')}}`;
}

/** SHA-256, in lower-case hexadecimal, of a value as JSON with the keys of every object sorted: equal values have equal digests. */
export function digestJson(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Size and SHA-256 of a file, read as a stream. Throws `InputError` when it cannot be read. */
export async function digestFile(path: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  return attempt({ asked: `read "${path}"`, fix: 'Check that the file is there and may be read' }, async () => {
    const size = await regularFile(path, `read "${path}"`);
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
    return { bytes: size, sha256: hash.digest('hex') };
  });
}
