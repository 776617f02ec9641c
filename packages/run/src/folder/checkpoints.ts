// Checkpoints of a training on disk: each a folder that appears whole or not at all. The newest ones and the one of least loss
// are kept. What a checkpoint holds is the training's to say.
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  attempt,
  encode,
  InternalError,
  isDiskFailure,
  listFolder,
  makeFolder,
  openSafetensors,
  present,
  syncFolder,
  writeSafetensors,
  type Json,
} from '@espalier/core';
import { elementCount, hostFloats, type HostTensor, type TensorTypes } from '@espalier/core/graph';
import { z } from 'zod';
import { digestJson } from './digest.js';
import { completeFolder, damages, readManifest } from './manifest.js';
import { readRunFile, writeJsonFile } from './small-files.js';
import { checkSpace } from './space.js';

/** A training between two steps. */
export interface StoredTraining {
  /** Steps done. */
  readonly step: number;
  /** Batches taken from the data so far. */
  readonly batches: number;
  /** The loss of every step so far. */
  readonly losses: readonly number[];
  /** Name, step and value of every metric that a stop rule has heard; absent where there is none. */
  readonly metrics?: readonly (readonly [name: string, step: number, value: number])[];
  /** Names and types of everything that `read` gives; all float32. */
  readonly tensors: TensorTypes;
  /** Values of one tensor, by its name in `tensors`. */
  read(name: string): Promise<HostTensor>;
}

/** Which checkpoints are kept, and what they belong to. */
export interface CheckpointStoreOptions {
  /** How many of the newest are kept; the one of least loss is kept beside them. */
  readonly keep: number;
  /** What the training depends on: checkpoints of another one are not read. */
  readonly inputs: Json;
}

/** A checkpoint whose file is open; close it when it has been read. */
export interface OpenCheckpoint {
  /** What was stored. */
  readonly training: StoredTraining;
  /** Closes its file; `training.read` fails afterwards. */
  close(): Promise<void>;
}

/** Where a training stands, as `position.json` holds it. */
export const positionSchema = z.strictObject({
  step: z.int().positive(),
  batches: z.int().positive(),
  losses: z.array(z.number()),
  metrics: z.array(z.tuple([z.string(), z.int(), z.number()])).exactOptional(),
});

const [stateName, positionName] = ['state.safetensors', 'position.json'];
/** Steps whose mean loss a checkpoint is judged by. */
const JUDGED = 100;

/**
 * Writes a checkpoint durably and removes those that are no longer to be kept. Throws `InputError` when the disk is full or
 * the folder cannot be written to.
 */
export async function saveCheckpoint(
  folder: string,
  { step, batches, losses, metrics, tensors, read }: StoredTraining,
  { keep, inputs }: CheckpointStoreOptions,
): Promise<void> {
  const asked = `save a checkpoint of step ${step} in "${folder}"`;
  const infos = Object.entries(tensors).map(([name, { shape }]) => ({ name, type: 'F32' as const, shape }));
  await checkSpace(
    folder,
    infos.reduce((total, { shape }) => total + 4 * elementCount(shape), 0),
    asked,
  );
  const draft = join(folder, `.${randomUUID()}.tmp`);
  await attempt({ asked, fix: 'Free some space or check the permissions' }, async () => {
    await makeFolder(draft);
    try {
      await writeSafetensors(join(draft, stateName), infos, ({ name }) => [read(name).then(floatBytes)]);
      await writeJsonFile(join(draft, positionName), {
        step,
        batches,
        losses,
        ...(metrics === undefined ? {} : { metrics: metrics.map((own) => [...own]) }),
      });
      await completeFolder(draft, inputs);
      if ((await checkpointNames(folder)).includes(folderName(step))) await discard(folder, folderName(step));
      await rename(draft, join(folder, folderName(step)));
    } catch (error) {
      await rm(draft, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
    await syncFolder(folder);
    await removeOld(folder, keep);
  });
}

/**
 * The newest checkpoint that was made from the same inputs and whose files are as they were written; `undefined` where there
 * is none. `warn` hears of damaged ones. Throws `InputError` for a manifest or a position that cannot be read.
 */
export async function openNewestCheckpoint(
  folder: string,
  inputs: Json,
  warn: (message: string) => void,
): Promise<OpenCheckpoint | undefined> {
  for (const name of (await checkpointNames(folder)).toReversed()) {
    const own = join(folder, name);
    const manifest = await readManifest(own);
    if (manifest === undefined || manifest.inputsHash !== digestJson(inputs)) continue;
    const [damage] = await damages(own, manifest);
    if (damage !== undefined) {
      warn(`a checkpoint is not used: ${damage}`);
      continue;
    }
    const position = await readRunFile(join(own, positionName), positionSchema);
    const file = await openSafetensors(join(own, stateName));
    const shapes = [...file.tensors].map(([key, { shape }]) => [key, { shape, dtype: 'float32' as const }] as const);
    const read = async (key: string): Promise<HostTensor> =>
      hostFloats(await file.read(key), present(file.tensors.get(key), `tensor "${key}"`).shape);
    return { training: { ...position, tensors: Object.fromEntries(shapes), read }, close: () => file.close() };
  }
  return undefined;
}

/** Removes all checkpoints but the newest. */
export async function keepNewestCheckpoint(folder: string): Promise<void> {
  const newest = (await checkpointNames(folder)).at(-1);
  await attempt({ asked: `remove checkpoints in "${folder}"`, fix: 'Check its permissions' }, async () => {
    for (const { name } of await listFolder(folder)) if (name !== newest) await discard(folder, name);
  });
}

/** Folders of complete checkpoints, oldest first; what a crash left unfinished has another name. */
export async function checkpointNames(folder: string): Promise<readonly string[]> {
  const names = (await listFolder(folder)).map(({ name }) => name);
  return names.filter((name) => /^step-\d+$/.test(name)).toSorted();
}

function folderName(step: number): string {
  return `step-${String(step).padStart(9, '0')}`;
}

function floatBytes(tensor: HostTensor): Uint8Array {
  if (tensor.dtype === 'float32') return encode(tensor.data, 'F32');
  throw new InternalError(`a checkpoint holds float32 tensors, not ${tensor.dtype}`);
}

/** Removes all but the newest ones and the best, and what crashes left: drafts, and folders whose removal was broken off. */
async function removeOld(folder: string, keep: number): Promise<void> {
  const scored: { readonly name: string; readonly loss: number }[] = [];
  for (const name of await checkpointNames(folder)) {
    const position = await readRunFile(join(folder, name, positionName), positionSchema).catch((error: unknown) => {
      if (isDiskFailure(error)) throw error; // it may be sound
      return undefined;
    });
    if (position !== undefined) scored.push({ name, loss: mean(position.losses.slice(-JUDGED)) });
  }
  const best = scored.toSorted((a, b) => a.loss - b.loss).slice(0, 1);
  const kept = new Set([...scored.slice(-keep), ...best].map(({ name }) => name));
  for (const { name } of await listFolder(folder)) {
    if (name.endsWith('.tmp')) await rm(join(folder, name), { recursive: true, force: true });
    else if (/^step-\d+$/.test(name) && !kept.has(name)) await discard(folder, name);
  }
}

/** Removes a checkpoint at once under its name, and then from the disk: a crash in between leaves no half of one. */
async function discard(folder: string, name: string): Promise<void> {
  const aside = join(folder, `.${randomUUID()}.tmp`);
  await rename(join(folder, name), aside);
  await rm(aside, { recursive: true, force: true });
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
}
