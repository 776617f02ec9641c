// Whether what is to be written fits on the disk, asked before it is begun.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exists, InputError } from '@espalier/core';

/** Left free beside what is written: logs, manifests, other programs. */
const RESERVE = 16 * 2 ** 20;

/** Throws `InputError` when the disk under `path` (or its nearest existing parent) has less than `bytes` and a reserve free. */
export async function checkSpace(path: string, bytes: number, asked: string): Promise<void> {
  const free = await freeBytes(path);
  if (free === undefined || free >= bytes + RESERVE) return;
  throw new InputError({
    asked,
    found: `it takes ${megabytes(bytes)} MB, and the disk of "${path}" has ${megabytes(free)} MB free`,
    fix: 'Free some space, or choose a folder on another disk',
  });
}

/** Bytes a program may still write; `undefined` where the system does not say. */
export async function freeBytes(path: string): Promise<number | undefined> {
  let place = path;
  while (!(await exists(place)) && dirname(place) !== place) place = dirname(place);
  const facts = await statfs(place).catch(() => undefined);
  // What is no disk, such as /proc, has no blocks at all.
  return facts === undefined || facts.blocks === 0 ? undefined : facts.bavail * facts.bsize;
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 1e6).toLocaleString('en-GB');
}
