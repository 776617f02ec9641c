// Writing a Hugging Face model folder: weights streamed into one file or several, config.json, and the small files of the model
// it came from. The folder is built beside its place and renamed, so it is there whole or not at all.
import { randomUUID } from 'node:crypto';
import { readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError, InternalError } from '../../errors.js';
import { attempt, exists, makeFolder, readSmallFile, syncFolder, writeAll, writeWhole } from '../files.js';

import { quote } from '../quote.js';
import type { TensorSource } from '../safetensors/source.js';
import { writeSafetensors } from '../safetensors/write.js';
import { formatConfig } from './config-text.js';
import {
  cardName,
  configName,
  indexName,
  isExtraName,
  isTemplateName,
  isWeightsName,
  shardName,
  templatesName,
  weightsName,
} from './folder-files.js';
import { removeUnfinished, unfinishedPath } from './unfinished.js';
import { withoutMachinePaths } from './machine-paths.js';
import { carriedFile, previousPrefix, type CarriedFiles } from './model-folder.js';
import { formatIndex, splitIntoShards } from './shard-index.js';

const tokenizerConfigName = 'tokenizer_config.json';

export interface SaveRequest extends TensorSource {
  readonly config: Readonly<Record<string, unknown>>;
  /** The folder whose small files, and spelling of numbers in config.json, are kept. */
  readonly carryFrom?: CarriedFiles;
  /** Data bytes in one file before another is begun; 5 GB by default, as transformers has it. */
  readonly maxShardBytes?: number;
  /** Allows replacing a model folder that holds nothing else. */
  readonly overwrite?: boolean;
}

/**
 * Writes a model folder at `path`. Throws InputError, with nothing changed, if something other than an empty folder is there,
 * unless it is a model folder and `overwrite` is set; if anything throws later, what was there stays.
 */
export async function saveModelFolder(path: string, request: SaveRequest): Promise<void> {
  const { target, asked, parts } = await checkSaveTarget(path, request.overwrite);
  const parent = dirname(target);
  await removeUnfinished(target);
  const temporary = unfinishedPath(target);
  await attempt(parts, () => makeFolder(temporary));
  try {
    await writeContents(temporary, request, asked);
    await syncFolder(temporary);
    // Something else may have come there while the weights were written.
    await checkTarget(target, request.overwrite ?? false, asked);
    await attempt(parts, () => moveIntoPlace(temporary, target));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(parent);
}

/** Where a folder goes, and the parts of a message about it. */
export interface SaveTarget {
  /** The path, with links resolved. */
  readonly target: string;
  /** What is asked for, as a clause. */
  readonly asked: string;
  /** The same with what to do where it cannot be written. */
  readonly parts: {
    /** As `asked`. */
    readonly asked: string;
    /** What a person can do about it. */
    readonly fix: string;
  };
}

/** Throws InputError, as saving would, when something is at `path` that must not be replaced; gives the path with links resolved. */
export async function checkSaveTarget(path: string, overwrite = false): Promise<SaveTarget> {
  const asked = `save model folder ${quote(path)}`;
  const parts = { asked, fix: 'Choose a path that can be written to' };
  // Through a link, the folder it points to is replaced, not the link.
  const target = (await exists(path)) ? await attempt(parts, () => realpath(path)) : resolve(path);
  await checkTarget(target, overwrite, asked);
  return { target, asked, parts };
}

async function checkTarget(target: string, overwrite: boolean, asked: string): Promise<void> {
  if (!(await exists(target))) return;
  const parts = { asked, fix: 'Choose another path' };
  const facts = await attempt(parts, () => stat(target));
  if (!facts.isDirectory()) throw new InputError({ ...parts, found: 'a file is there already' });
  const names = await attempt(parts, () => readdir(target));
  if (names.length === 0) return;
  const templates = names.includes(templatesName)
    ? await attempt(parts, () => readdir(join(target, templatesName)))
    : [];
  const others = [
    ...names.filter(
      (name) => ![configName, cardName, templatesName].includes(name) && !isWeightsName(name) && !isExtraName(name),
    ),
    ...templates.filter((name) => !isTemplateName(name)),
  ];
  const isModel = names.includes(configName) && (names.includes(weightsName) || names.includes(indexName));
  if (others.length > 0 || !isModel)
    throw new InputError({
      ...parts,
      found: `the folder is there already and holds ${others.length > 0 ? `other files (${others.slice(0, 3).map(quote).join(', ')})` : 'files, but no model'}`,
    });
  if (!overwrite)
    throw new InputError({
      asked,
      found: 'a model is there already',
      fix: 'Choose another path, or allow what is there to be replaced: --overwrite, in a recipe export.overwrite, in code overwrite',
    });
}

async function writeContents(folder: string, request: SaveRequest, asked: string): Promise<void> {
  const { config, tensors, produce, carryFrom, maxShardBytes = 5e9 } = request;
  const names = new Set(tensors.map(({ name }) => name));
  if (names.size !== tensors.length) throw new InternalError('two tensors to save have the same name');
  const writeBytes = (name: string, bytes: Uint8Array): Promise<void> =>
    writeWhole(join(folder, name), asked, (file) => writeAll(file, bytes, asked));
  const writeText = (name: string, text: string): Promise<void> => writeBytes(name, new TextEncoder().encode(text));
  // Small files first: should one of them fail, no time went into the weights.
  await writeText(configName, formatConfig(withoutMachinePaths(config), carryFrom?.configText));
  if (carryFrom !== undefined)
    for (const name of carryFrom.extraFiles) {
      if (name.includes('/'))
        await attempt({ asked, fix: 'Choose another path' }, () => makeFolder(join(folder, dirname(name))));
      const bytes = await readSmallFile(await carriedFile(carryFrom.path, name, asked), asked);
      await writeBytes(name, name === tokenizerConfigName ? publishable(bytes) : bytes);
    }
  const shards = splitIntoShards(tensors, maxShardBytes);
  const files = new Map(
    shards.map((infos, i) => [shards.length === 1 ? weightsName : shardName(i + 1, shards.length), infos]),
  );
  for (const [name, infos] of files) await writeSafetensors(join(folder, name), infos, produce);
  if (files.size > 1) await writeText(indexName, formatIndex(files));
}

/** A tokenizer_config.json without places on the machine; the same bytes where it has none, or is no JSON. */
function publishable(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const config = parsed(text);
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return bytes;
  const entries: Readonly<Record<string, unknown>> = { ...config };
  const kept = withoutMachinePaths(entries);
  if (Object.keys(kept).length === Object.keys(entries).length) return bytes;
  return new TextEncoder().encode(formatConfig(kept, text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Renames the finished folder to its place; a former model is kept aside until then and put back if that fails. */
async function moveIntoPlace(temporary: string, target: string): Promise<void> {
  if (!(await exists(target))) return rename(temporary, target);
  if ((await readdir(target)).length === 0) {
    await rmdir(target);
    return rename(temporary, target);
  }
  const previous = join(dirname(target), previousPrefix(target) + randomUUID());
  await rename(target, previous);
  try {
    await rename(temporary, target);
  } catch (error) {
    await rename(previous, target);
    throw error;
  }
  await rm(previous, { recursive: true, force: true });
}
