// Opening a Hugging Face model folder: config.json, the weights in one file or several, and the small files that travel with
// the model. What the config means is left to the model families.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { attempt, readSmallFile, regularFile } from '../files.js';
import { isObject, readJsonFile } from '../json.js';
import { conversionCommand, isPickleName } from '../pickle.js';
import { quote } from '../quote.js';
import { openSafetensors, type Checkpoint } from '../safetensors/checkpoint.js';
import {
  configName,
  indexName,
  isExtraName,
  isTemplateName,
  resolveInside,
  templatesName,
  weightsName,
} from './folder-files.js';
import { openShards } from './shard-index.js';

/** The small files of a folder, as they are carried along to another. */
export interface CarriedFiles {
  /** The folder. */
  readonly path: string;
  /** Names of the files to carry along, `additional_chat_templates/…` included: tokenizer, generation settings, chat templates, licence. */
  readonly extraFiles: readonly string[];
  /** Text of config.json, from which a saved config takes the spelling of its numbers. */
  readonly configText?: string;
}

/** An open model folder; close its checkpoint when done. */
export interface ModelFolder extends CarriedFiles {
  /** Parsed config.json, keys in the order of the file. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly configText: string;
  /** The weights, on disk until they are read. */
  readonly checkpoint: Checkpoint;
}

/**
 * Opens a folder and checks all headers; `model.safetensors` comes before an index. Throws `InputError` for what is missing,
 * damaged or pickled.
 */
export async function openModelFolder(path: string): Promise<ModelFolder> {
  const asked = `open model folder ${quote(path)}`;
  const names = await listFolder(path, asked);
  const weights = [weightsName, indexName].find((name) => names.includes(name));
  if (weights === undefined) throw noWeights(path, names, asked);
  if (!names.includes(configName))
    throw new InputError({
      asked,
      found: `it has ${weights} but no ${configName}`,
      fix: `Add the ${configName} of the model, or give the folder that has it`,
    });
  const { config, text } = await readConfig(path, asked);
  const extraFiles = await checkedExtraFiles(path, names, asked);
  const checkpoint =
    weights === weightsName ? await openSafetensors(await resolveInside(path, weights, asked)) : await openShards(path);
  return { path, config, configText: text, checkpoint, extraFiles };
}

/** A few kilobytes: 10 MB leave room for any lists of layers. */
const MOST_CONFIG_BYTES = 10_000_000;

async function readConfig(path: string, asked: string) {
  const file = await resolveInside(path, configName, asked);
  const { value, text } = await readJsonFile(file, `${asked}, ${configName}`, MOST_CONFIG_BYTES);
  if (isObject(value)) return { config: value, text };
  throw new InputError({
    asked,
    found: `${configName} is not a JSON object`,
    fix: `Get the ${configName} of the model again from its source`,
  });
}

/** The parsed config.json of a folder, whatever else is in it. Throws `InputError`. */
export async function readModelConfig(path: string): Promise<ModelFolder['config']> {
  const asked = `open model folder ${quote(path)}`;
  await listFolder(path, asked);
  return (await readConfig(path, asked)).config;
}

/** The small files of a folder, with or without a model in it. Throws InputError. */
export async function openCarriedFiles(path: string): Promise<CarriedFiles> {
  const asked = `open folder ${quote(path)}`;
  const names = await listFolder(path, asked);
  const extraFiles = await checkedExtraFiles(path, names, asked);
  if (!names.includes(configName)) return { path, extraFiles };
  const { text } = await readConfig(path, asked);
  return { path, extraFiles, configText: text };
}

async function checkedExtraFiles(path: string, names: readonly string[], asked: string): Promise<readonly string[]> {
  const templates = names.includes(templatesName) ? await templateNames(path, asked) : [];
  const extraFiles = [...names.filter(isExtraName), ...templates].toSorted();
  for (const name of extraFiles) await carriedFile(path, name, asked);
  return extraFiles;
}

/** Files of the folder of further chat templates, as `additional_chat_templates/rag.jinja`. */
async function templateNames(path: string, asked: string): Promise<readonly string[]> {
  const folder = await resolveInside(path, templatesName, asked);
  const names = await attempt({ asked, fix: `Check that ${quote(folder)} is a folder` }, () => readdir(folder));
  return names.filter(isTemplateName).map((name) => `${templatesName}/${name}`);
}

/** Bytes of a Git LFS pointer; one in place of a file is found before hours of work, not when the file is carried along. */
const MOST_POINTER_BYTES = 1024;

/** Path of a file to be carried along. Throws `InputError` for what is no regular file in the folder, or a Git LFS pointer. */
export async function carriedFile(path: string, name: string, asked: string): Promise<string> {
  const inside = name.startsWith(`${templatesName}/`);
  const folder = inside ? await resolveInside(path, templatesName, asked) : path;
  const file = await resolveInside(folder, inside ? name.slice(templatesName.length + 1) : name, asked, path);
  if ((await regularFile(file, asked)) <= MOST_POINTER_BYTES) await readSmallFile(file, asked);
  return file;
}

async function listFolder(path: string, asked: string): Promise<readonly string[]> {
  const fix = 'Give the path of a folder with config.json and model.safetensors';
  const facts = await attempt({ asked, fix: (await leftover(path)) ?? fix }, () => stat(path));
  if (facts.isDirectory()) return attempt({ asked, fix: 'Check the permissions of the folder' }, () => readdir(path));
  if (isPickleName(path))
    throw new InputError({ asked, found: 'it is a pickle file, not a folder', fix: conversionCommand(dirname(path)) });
  throw new InputError({ asked, found: 'it is a file, not a folder', fix });
}

/** A save that was killed between its last two renames leaves the former folder under this name, and a hint is due. */
export function previousPrefix(path: string): string {
  return `.${basename(resolve(path))}.previous-`;
}

async function leftover(path: string): Promise<string | undefined> {
  const siblings = await readdir(dirname(resolve(path))).catch(() => []);
  const found = siblings.find((name) => name.startsWith(previousPrefix(path)));
  return (
    found && `A save was interrupted here: rename ${quote(found)} beside it back to ${quote(basename(resolve(path)))}`
  );
}

function noWeights(path: string, names: readonly string[], asked: string): InputError {
  const pickles = names.filter((name) => isPickleName(name) || /\.(bin|pt)\.index\.json$/.test(name));
  if (pickles.length > 0)
    return new InputError({
      asked,
      found: `its weights are pickle files (${pickles.slice(0, 3).join(', ')}), which are never read`,
      fix: conversionCommand(path),
    });
  return new InputError({
    asked,
    found: `it holds neither ${weightsName} nor ${indexName}`,
    fix: 'Give a folder with the weights of the model as safetensors',
  });
}
