// One process per run folder: a lock file that names its owner. A lock whose process is gone is taken over, so that a run that
// was killed can be resumed. Reading a run (status) needs no lock.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { attempt, exists, InputError, isAbsence, readSmallText, regularFile, systemCode } from '@espalier/core';
import { z } from 'zod';

const lockName = '.lock';
const LIMIT = 2 ** 16;

const ownerSchema = z.strictObject({
  /** Number of the process on its machine. */
  pid: z.int().positive(),
  /** Name of its machine. */
  host: z.string(),
  /** When the process began, as the system counts it: a number that was given out again names another process. */
  born: z.string(),
  /** Wall clock at which the lock was taken, ISO 8601. */
  since: z.string(),
});

/** The process that works in a run folder. */
export type LockOwner = z.infer<typeof ownerSchema>;

export interface RunLock {
  /** Throws `InputError` where the folder is no longer this process's: it was moved or removed, its disk is gone, or another has taken it. */
  check(): Promise<void>;
  /** Lets others work in the folder. Throws nothing. */
  release(): Promise<void>;
}

/** Takes the folder's lock. Throws `InputError` naming the process that has it. */
export async function lockRun(folder: string): Promise<RunLock> {
  const asked = `work in run folder "${folder}"`;
  const path = join(folder, lockName);
  const own: LockOwner = {
    pid: process.pid,
    host: hostname(),
    born: birth(process.pid),
    since: new Date().toISOString(),
  };
  const text = JSON.stringify(own);
  const draft = `${path}.${randomUUID()}.tmp`;
  const parts = { asked, fix: 'Choose a folder that can be written to' };
  await attempt(parts, () => writeFile(draft, text, { flag: 'wx' }));
  try {
    for (let tries = 0; !(await attempt(parts, () => placed(draft, path))); tries++) {
      await checkLockFile(path, asked);
      const owner = await readOwner(path);
      if ((owner !== undefined && isAlive(owner)) || tries === 3) throw taken(asked, owner);
      await attempt(parts, () => removeStale(path, owner));
    }
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  return {
    async check() {
      const now = await attempt(lost(folder), () => readFile(path, 'utf8'));
      if (now !== text) throw taken(asked, await readOwner(path));
    },
    async release() {
      // One that cannot be removed is that of a process that is gone, soon.
      if ((await readSmallText(path, asked, LIMIT).catch(() => '')) === text)
        await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

/** Throws `InputError`, naming the process, when one works in the run folder. */
export async function checkNotLocked(folder: string): Promise<void> {
  const owner = await lockOwner(folder);
  if (owner !== undefined) throw taken(`work in run folder "${folder}"`, owner);
}

/** The process at work in a run folder, if one is. One of another machine counts as at work, as it cannot be seen from here. */
export async function lockOwner(folder: string): Promise<LockOwner | undefined> {
  const owner = await readOwner(join(folder, lockName));
  return owner !== undefined && isAlive(owner) ? owner : undefined;
}

function lost(folder: string): { readonly asked: string; readonly fix: string } {
  const fix = `If it was moved or its disk is gone, put it back and go on: espalier resume ${folder}. If it was removed, begin anew`;
  return { asked: `go on in run folder "${folder}", which is no longer as it was`, fix };
}

/** File systems without links (FAT, some network ones) say so in one of these ways. */
const WITHOUT_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Puts a file where nothing is; false where something is. A link appears with its text or not at all; where there are none, the lock is made
 * by itself, and is empty for a moment.
 */
async function placed(draft: string, path: string): Promise<boolean> {
  const there = (error: unknown): boolean => {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  };
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (!WITHOUT_LINKS.has(systemCode(error))) return there(error);
  }
  return writeFile(path, await readFile(draft), { flag: 'wx' }).then(() => true, there);
}

/** Moves a dead process's lock aside; should another process have taken the lock meanwhile, gives it back. */
async function removeStale(path: string, dead: LockOwner | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isAbsence(error)) return; // another process moved it first
    throw error;
  }
  const moved = await readOwner(aside);
  if (JSON.stringify(moved) !== JSON.stringify(dead)) await placed(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Throws `InputError` for a folder, pipe or device of that name; what has just been removed is no matter. */
async function checkLockFile(path: string, asked: string): Promise<void> {
  if (!(await exists(path))) return;
  await regularFile(path, asked, LIMIT);
}

/** Who a lock names; `undefined` where it is gone or names nobody. Throws `InputError` where the disk does not say: it may be anybody's. */
async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readSmallText(path, `read the lock "${path}"`, LIMIT)));
  } catch (error) {
    // Codes of Node itself begin with ERR_: they are of what the file holds.
    if (/^E[A-Z0-9]+$/.test(systemCode(error) ?? '') && !isAbsence(error)) throw error;
    return undefined;
  }
}

/** A process of another machine counts as alive: whether it is cannot be seen from here. */
function isAlive({ pid, host, born }: LockOwner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isCode(error, 'EPERM')) return false;
  }
  return born === birth(pid);
}

/**
 * Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat); empty where the system has no such file. One that has
 * ended and is only waiting for its parent (a zombie, field 3) was born at no time.
 */
function birth(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const { 0: state, 19: start = '' } = fields;
    return state === 'Z' ? 'ended' : start;
  } catch {
    return '';
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function taken(asked: string, owner: LockOwner | undefined): InputError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host} since ${owner.since}`;
  const fix = `Wait for it, or stop it; the last lines of events.ndjson in the folder say what it is doing. If that machine is gone, remove ${lockName} in the folder`;
  return new InputError({ asked, found: `${who} works in it`, fix });
}
