// Digests of files that need not be taken again, as nothing was written to the files since: hashing 16 GB takes a minute.
import { stat } from 'node:fs/promises';
import { digestFile } from '@espalier/core';
import { z } from 'zod';

/** A file as it was when its digest was taken. */
export const knownFile = z.strictObject({
  bytes: z.int().nonnegative(),
  /** Nanoseconds since 1970, as text; the second is of the last change of anything, which no program can set. */
  modified: z.string(),
  changed: z.string(),
  inode: z.string(),
  sha256: z.string(),
});

/** Files by name. */
export type KnownFiles = Readonly<Record<string, z.infer<typeof knownFile>>>;

/** Clocks of file systems are coarse: a file that was written to this shortly before may be once more with the same times. */
const SETTLED = 2_000_000_000n;

/** What is known before, who hears of progress, and milliseconds since 1970. */
export interface DigestOptions {
  readonly before?: z.infer<typeof knownFile> | undefined;
  readonly seen?: (bytes: number) => void;
  readonly now?: () => number;
}

/**
 * The SHA-256 of a file: the one before where place, size and times are the same, else of its bytes. `known` is absent where the file was
 * written to too shortly before, or meanwhile. Throws `InputError` when it cannot be read.
 */
export async function digestOnce(
  path: string,
  { before, seen = () => undefined, now = Date.now }: DigestOptions = {},
): Promise<{ readonly sha256: string; readonly bytes: number; readonly known?: z.infer<typeof knownFile> }> {
  const facts = await factsOf(path);
  if (before !== undefined && facts !== undefined && isSame(before, facts))
    return { sha256: before.sha256, bytes: before.bytes, known: before };
  const began = BigInt(now()) * 1_000_000n;
  const { bytes, sha256 } = await digestFile(path, seen);
  const after = await factsOf(path);
  if (facts === undefined || after === undefined || !isSame(facts, after)) return { sha256, bytes };
  const last = BigInt(after.changed) > BigInt(after.modified) ? BigInt(after.changed) : BigInt(after.modified);
  return began - last < SETTLED ? { sha256, bytes } : { sha256, bytes, known: { ...after, sha256 } };
}

type Facts = Omit<z.infer<typeof knownFile>, 'sha256'>;

/** Undefined where it cannot be told; reading the file says why. */
async function factsOf(path: string): Promise<Facts | undefined> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  if (facts === undefined) return undefined;
  const { size, mtimeNs, ctimeNs, ino } = facts;
  return { bytes: Number(size), modified: String(mtimeNs), changed: String(ctimeNs), inode: String(ino) };
}

function isSame(a: Facts, b: Facts): boolean {
  return a.bytes === b.bytes && a.modified === b.modified && a.changed === b.changed && a.inode === b.inode;
}
