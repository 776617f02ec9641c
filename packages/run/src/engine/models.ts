// Models of a run: the first one, and the students that its units leave as Hugging Face folders.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, type Json, type Model, type ModelFamily, type Watch } from '@espalier/core';
import { digestJson } from '../folder/digest.js';
import { digestOnce, type KnownFiles } from '../folder/known-files.js';

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

/** Opens a folder; weights are read when they are asked for. Files that are `known` and as they were are not hashed again. */
export async function openModel(
  name: string,
  folder: string,
  families: readonly ModelFamily[],
  { watch, known }: { readonly watch?: Watch; readonly known?: KnownFiles | undefined } = {},
): Promise<{ readonly source: SourceModel; readonly files: KnownFiles; close(): Promise<void> }> {
  const { model, close } = await loadModel(folder, families);
  // What makes a model what it is: config, weights, tokenizer.
  const names = /^(config|tokenizer).*\.json$|\.safetensors$/;
  const { digest, files } = await digestOf(folder, names, { watch, known });
  return { source: { name, model, hash: digest }, files, close };
}

/** Digest of the files of a folder whose names match, and of what goes with them; and the files as they were. */
export async function digestOf(
  folder: string,
  names: RegExp,
  {
    beside = {},
    watch = () => undefined,
    known = {},
  }: {
    readonly beside?: { readonly [name: string]: Json };
    readonly watch?: Watch | undefined;
    readonly known?: KnownFiles | undefined;
  } = {},
): Promise<{ readonly digest: string; readonly files: KnownFiles }> {
  const digests: Record<string, Json> = { ...beside };
  const settled: [string, KnownFiles[string]][] = [];
  const files = (await readdir(folder)).filter((own) => names.test(own)).toSorted();
  const sizes = await Promise.all(files.map(async (own) => (await stat(join(folder, own))).size));
  const total = sizes.reduce((sum, own) => sum + own, 0);
  let done = 0;
  for (const name of files) {
    const seen = (bytes: number): void => watch({ done: done + bytes, total, unit: 'bytes hashed' });
    const before = Object.hasOwn(known, name) ? known[name] : undefined;
    const { bytes, sha256, known: own } = await digestOnce(join(folder, name), { before, seen });
    digests[name] = sha256;
    if (own !== undefined) settled.push([name, own]);
    done += bytes;
  }
  return { digest: digestJson(digests), files: Object.fromEntries(settled) };
}
