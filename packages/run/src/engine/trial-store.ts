// Trials of a search in a folder: a search that was stopped goes on at the last candidate and rung that were finished.
import { join } from 'node:path';
import { makeFolder, type Json, type KeptTrial, type TrialStore } from '@espalier/core';
import { z } from 'zod';
import { openNewestCheckpoint, saveCheckpoint } from '../folder/checkpoints.js';
import { readRunFile, writeJsonFile } from '../folder/small-files.js';

/** Losses of a trial's rungs. */
export const rungsSchema = z.array(z.array(z.number()));

export interface TrialStoreOptions {
  /** What the search depends on: trials of another one are not read. */
  readonly inputs: Json;
  /** Hears of damaged trials, which are made again. */
  warn(message: string): void;
  /** Told what has to be closed at the end. */
  keepOpen(close: () => Promise<void>): void;
}

/** Keeps the newest trial of each key as a checkpoint; its losses are written before it appears, under its number of steps. */
export function folderTrials(folder: string, { inputs, warn, keepOpen }: TrialStoreOptions): TrialStore {
  const losses = (key: string, step: number): string => join(folder, key, `rungs-${step}.json`);
  return {
    async load(key): Promise<KeptTrial | undefined> {
      const open = await openNewestCheckpoint(join(folder, key), inputs, warn);
      if (open === undefined) return undefined;
      keepOpen(() => open.close());
      const rungs = await readRunFile(losses(key, open.training.step), rungsSchema);
      return { checkpoint: open.training, rungs };
    },
    async save(key, { checkpoint, rungs }) {
      await makeFolder(join(folder, key));
      await writeJsonFile(
        losses(key, checkpoint.step),
        rungs.map((own) => [...own]),
      );
      await saveCheckpoint(join(folder, key), checkpoint, { keep: 1, inputs });
    },
  };
}
