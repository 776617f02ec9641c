// The folder that a model is written to before it gets its name. A process that is killed, or whose disk goes away, leaves it behind; the next
// one that writes to the same place removes it, where it is sure that nobody works on it any more.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../system-words.js';

/** A folder that was written to this shortly before may be that of a process which cannot be seen from here, in another container say. */
const QUIET_MS = 3_600_000;

const beginning = (target: string): string => `.${basename(target)}.tmp-`;
/** Machine, process, and what tells two of one process apart. */
const ending = /^([0-9a-f]{8})-([1-9]\d{0,9})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const machine = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A path beside `target` for what is not finished yet, that names this process. */
export function unfinishedPath(target: string): string {
  return join(dirname(target), `${beginning(target)}${machine()}-${process.pid}-${randomUUID()}`);
}

/** Removes what processes of this machine that are gone have left beside `target`, if nothing in it has changed for an hour. What cannot be removed stays; throws nothing. */
export async function removeUnfinished(target: string, now: number = Date.now()): Promise<void> {
  const parent = dirname(target);
  for (const name of await readdir(parent).catch(() => [])) {
    if (!name.startsWith(beginning(target))) continue;
    const [, host, pid] = ending.exec(name.slice(beginning(target).length)) ?? [];
    if (host !== machine() || pid === undefined || isThere(Number(pid))) continue;
    const path = join(parent, name);
    if (now - (await lastChange(path)) < QUIET_MS) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

/** Milliseconds since 1970 of the last change of a folder or anything right in it; none where that cannot be told. */
async function lastChange(folder: string): Promise<number> {
  try {
    const paths = [folder, ...(await readdir(folder)).map((name) => join(folder, name))];
    return Math.max(...(await Promise.all(paths.map((path) => stat(path)))).map(({ mtimeMs }) => mtimeMs));
  } catch {
    return Infinity;
  }
}
