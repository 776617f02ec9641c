// A run as a folder: units of work, each in a folder of its own that is complete when its manifest is there. A run that goes
// on skips what is complete. What goes from unit to unit is always what was written, so that a run that was cut off and
// resumed computes with the same bytes as one that was not.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, InputError, type Json, listFolder, makeFolder } from '@espalier/core';
import { differences } from './difference.js';
import { digestJson } from './digest.js';
import { openEventLog, type EventLog } from './event-log.js';
import { lockRun, type RunLock } from './lock.js';
import { completeFolder, damages, manifestName, readManifest, type Manifest } from './manifest.js';

/** Names in a run folder. */
export const runFiles = {
  /** What the run was begun with; a folder with it is a run's. */
  record: 'run.json',
  /** The log, one event a line. */
  events: 'events.ndjson',
  /** The folder of the units. */
  units: 'stages',
  /** In a unit's folder: what a clock or this machine says. It is no part of what later units depend on. */
  measured: 'measured.json',
} as const;

/** A piece of work that is done as a whole. */
export interface Unit<Value> {
  /** `width/distilled/distil`: the folder below `stages/`. */
  readonly name: string;
  /** Everything that its result depends on, as plain data; results of other units by their `hash`. */
  readonly inputs: Json;
  /** Computes the result. */
  make(): Promise<Value>;
  /** Writes a result into a folder, which is empty. */
  save(value: Value, folder: string): Promise<void>;
  /** Reads it back; in a folder run the next units get what was read, so that a resumed run computes with the same bytes. */
  load(folder: string): Promise<Value>;
}

/** What a unit gives. */
export interface UnitResult<Value> {
  /** The result, as it was read back from the folder. */
  readonly value: Value;
  /** SHA-256 of its inputs and of everything in its folder but what was measured. */
  readonly hash: string;
  /** Whether it was complete already. */
  readonly reused: boolean;
}

/** A run folder that this process alone works in until it is closed. */
export interface RunFolder {
  /** Path of the folder. */
  readonly path: string;
  /** The log of the run's events, open for appending. */
  readonly log: EventLog;
  /**
   * Does a unit, or reads the result of an earlier time. When that was made from other inputs, it is kept until it is made again where
   * `renewed` says that it may be, else `InputError` is thrown. Throws what the unit's functions throw.
   */
  unit<Value>(unit: Unit<Value>, renewed?: boolean): Promise<UnitResult<Value>>;
  /** Throws `InputError` where the folder is no longer this process's, as of a disk that is gone: else it would be made again, in part. */
  check(): Promise<void>;
  /** Closes the log and lets other processes work in the folder. */
  close(): Promise<void>;
}

/**
 * Makes or opens a run folder for this process alone; `begin` is done first, when no other can work in it. A lock of it that this process has
 * already is taken over, and released in the end as its own would be. Throws `InputError` when another process works in it, or it cannot be written to.
 */
export async function openRunFolder(
  path: string,
  begin: () => Promise<void> = () => Promise.resolve(),
  held?: RunLock,
): Promise<RunFolder> {
  const parts = { asked: `write a run to "${path}"`, fix: 'Give a folder that can be made and written to' };
  await attempt(parts, () => makeFolder(join(path, runFiles.units)));
  const lock = held ?? (await lockRun(path));
  let log: EventLog;
  try {
    await refuseLinks(path);
    await begin();
    log = openEventLog(join(path, runFiles.events));
  } catch (error) {
    await lock.release();
    throw error;
  }
  return {
    path,
    log,
    async unit(unit, renewed = false) {
      const folder = unitFolder(path, unit.name);
      const found = await readManifest(folder);
      const before = renewed && found?.inputsHash !== digestJson(unit.inputs) ? undefined : found;
      if (before !== undefined) checkInputs(unit, folder, before);
      if (before === undefined) {
        const made = await unit.make();
        await lock.check();
        await attempt(parts, async () => {
          // What an attempt that was cut off has left, or a result that is made again.
          await removeUnit(path, unit.name);
          await makeFolder(folder);
        });
        await unit.save(made, folder);
        log.sync();
      }
      const manifest = before ?? (await completeFolder(folder, unit.inputs));
      return { value: await unit.load(folder), hash: unitHash(manifest), reused: before !== undefined };
    },
    check: () => lock.check(),
    async close() {
      log.close();
      await lock.release();
    },
  };
}

/** Throws `InputError` for a link in a run: what is written and removed there would be written and removed elsewhere. */
async function refuseLinks(path: string): Promise<void> {
  const parts = { asked: `work in the run folder "${path}"`, fix: 'Give a folder that can be read' };
  const entries = await attempt(parts, () => readdir(path, { recursive: true, withFileTypes: true }));
  const found = entries.find((own) => own.isSymbolicLink());
  if (found === undefined) return;
  throw new InputError({
    ...parts,
    found: `${join(found.parentPath, found.name)} is a link, and what is written there would lie elsewhere`,
    fix: 'Put what it leads to in its place; a whole run may lie behind a link',
  });
}

/** Path of a unit's folder. */
export function unitFolder(run: string, unit: string): string {
  return join(run, runFiles.units, ...unit.split('/'));
}

/** Removes a unit's folder, its manifest first: without that it is no result. Throws the error of the file system. */
export async function removeUnit(run: string, unit: string): Promise<void> {
  const folder = unitFolder(run, unit);
  await rm(join(folder, manifestName), { force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Identity of a complete unit's result: its inputs, and its files without what was measured. */
export function unitHash({ inputsHash, outputs }: Manifest): string {
  const { [runFiles.measured]: _, ...rest } = outputs;
  return digestJson({ inputsHash, outputs: rest });
}

/** Removes log, units and `others` (names in the folder) of an earlier run, and nothing else. Throws `InputError` where that cannot be. */
export async function clearRunFolder(path: string, others: readonly string[]): Promise<void> {
  const parts = { asked: `write a run to "${path}"`, fix: 'Give a folder that can be made and written to' };
  await attempt(parts, async () => {
    for (const name of [runFiles.events, runFiles.units, ...others])
      await rm(join(path, name), { recursive: true, force: true });
  });
}

/** Names of the complete units of a run, in alphabetical order; those of `below` alone where it is given. */
export async function unitNames(path: string, below = ''): Promise<readonly string[]> {
  const entries = await listFolder(unitFolder(path, below));
  if (entries.some(({ name }) => name === manifestName)) return [below];
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const nested = await Promise.all(
    folders.toSorted().map((name) => unitNames(path, below === '' ? name : `${below}/${name}`)),
  );
  return nested.flat();
}

/** What is wrong with the files of complete units, each as a sentence without a full stop. Throws `InputError` for a manifest that cannot be read. */
export async function verifyUnits(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const unit of await unitNames(path)) {
    const folder = unitFolder(path, unit);
    const manifest = await readManifest(folder);
    if (manifest !== undefined) found.push(...(await damages(folder, manifest)));
  }
  return found;
}

/** The first damage of the complete units of `below`, or of all, and what can be done about it. Throws `InputError` for a manifest that cannot be read. */
export async function findDamage(
  path: string,
  below?: string,
): Promise<Pick<InputError['parts'], 'found' | 'fix'> | undefined> {
  for (const unit of await unitNames(path, below)) {
    const folder = unitFolder(path, unit);
    const manifest = await readManifest(folder);
    const [found] = manifest === undefined ? [] : await damages(folder, manifest);
    if (found !== undefined)
      return { found, fix: `Remove the folder "${folder}" and resume: that part is then made again` };
  }
  return undefined;
}

function checkInputs({ name, inputs }: Pick<Unit<unknown>, 'name' | 'inputs'>, folder: string, before: Manifest): void {
  if (digestJson(inputs) === before.inputsHash) return;
  throw new InputError({
    asked: `go on with "${name}" of a run`,
    found: `"${folder}" was made from something else (${differences(before.inputs, inputs).join('; ')})`,
    fix: 'Begin a new run in another folder, or put back what changed',
  });
}
