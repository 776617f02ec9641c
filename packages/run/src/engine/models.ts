// Models of a run: the first one, and the students that its units leave as Hugging Face folders.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile, loadModel, type Json, type Model, type ModelFamily, type Watch } from '@espalier/core';
import { digestJson } from '../folder/digest.js';

/** A model and its identity. */
export interface SourceModel {
  /** `teacher`, or the row that made it. */
  readonly name: string;
  readonly model: Model;
  /** Equal for equal weights, config and tokenizer. */
  readonly hash: string;
}

/** A model that this run has trained, or the one that it began with. */
export interface TrainedModel extends SourceModel {
  /** Training tokens; 0 for a model that was there. */
  readonly tokens: number;
}

/** What a step begins with. */
export interface Taught {
  /** What is pruned. */
  readonly source: SourceModel;
  /** Whose distributions are learnt. */
  readonly teacher: SourceModel;
}

/** Opens a folder; weights are read when they are asked for. */
export async function openModel(
  name: string,
  folder: string,
  families: readonly ModelFamily[],
  watch?: Watch,
): Promise<{ readonly source: SourceModel; close(): Promise<void> }> {
  const { model, close } = await loadModel(folder, families);
  // What makes a model what it is: config, weights, tokenizer.
  const names = /^(config|tokenizer).*\.json$|\.safetensors$/;
  return { source: { name, model, hash: await digestOf(folder, names, { watch }) }, close };
}

/** Digest of the files of a folder whose names match, and of what goes with them. */
export async function digestOf(
  folder: string,
  names: RegExp,
  {
    beside = {},
    watch = () => undefined,
  }: { readonly beside?: { readonly [name: string]: Json }; readonly watch?: Watch | undefined } = {},
): Promise<string> {
  const digests: Record<string, Json> = { ...beside };
  const files = (await readdir(folder)).filter((own) => names.test(own)).toSorted();
  const sizes = await Promise.all(files.map(async (own) => (await stat(join(folder, own))).size));
  const total = sizes.reduce((sum, own) => sum + own, 0);
  let done = 0;
  for (const name of files) {
    const { bytes, sha256 } = await digestFile(join(folder, name), (seen) =>
      watch({ done: done + seen, total, unit: 'bytes hashed' }),
    );
    digests[name] = sha256;
    done += bytes;
  }
  return digestJson(digests);
}
