// Models of a run: the first one, and the students that its units leave as Hugging Face folders.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile, loadModel, type Model, type ModelFamily } from '@espalier/core';
import { digestJson } from '../folder/digest.js';

/** A model and its identity. */
export interface SourceModel {
  /** `teacher`, or the row that made it. */
  readonly name: string;
  readonly model: Model;
  /** Equal for equal weights, config and tokenizer. */
  readonly hash: string;
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
): Promise<{ readonly source: SourceModel; close(): Promise<void> }> {
  const { model, close } = await loadModel(folder, families);
  return { source: { name, model, hash: await folderHash(folder) }, close };
}

/** Digest of the files that make a model what it is: config, weights, tokenizer. */
async function folderHash(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(config|tokenizer).*\.json$|\.safetensors$/.test(name));
  const digests: Record<string, string> = {};
  for (const name of names.toSorted()) digests[name] = (await digestFile(join(folder, name))).sha256;
  return digestJson(digests);
}
