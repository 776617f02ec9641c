// Opening a Hugging Face model folder: config.json, the weights in one file or several, and the small files that travel with
// the model. What the config means is left to the model families.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { attempt, regularFile } from '../files.js';
import { isObject, readJsonFile } from '../json.js';
import { conversionCommand, isPickleName } from '../pickle.js';
import { quote } from '../quote.js';
import { openSafetensors, type Checkpoint } from '../safetensors/checkpoint.js';
import { configName, indexName, isExtraName, resolveInside, weightsName } from './folder-files.js';
import { openShards } from './shard-index.js';

/** The small files of a folder, as they are carried along to another. */
export interface CarriedFiles {
  /** The folder. */
  readonly path: string;
  /** Names of the files to carry along: tokenizer, generation settings, chat template, licence. */
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
  const { value, text } = await readJsonFile(await resolveInside(path, configName, asked), `${asked}, ${configName}`);
  if (!isObject(value))
    throw new InputError({
      asked,
      found: `${configName} is not a JSON object`,
      fix: `Get the ${configName} of the model again from its source`,
    });
  const extraFiles = await checkedExtraFiles(path, names, asked);
  const checkpoint =
    weights === weightsName ? await openSafetensors(await resolveInside(path, weights, asked)) : await openShards(path);
  return { path, config: value, configText: text, checkpoint, extraFiles };
}

/** The small files of a folder, with or without a model in it. Throws InputError. */
export async function openCarriedFiles(path: string): Promise<CarriedFiles> {
  const asked = `open folder ${quote(path)}`;
  const names = await listFolder(path, asked);
  const extraFiles = await checkedExtraFiles(path, names, asked);
  if (!names.includes(configName)) return { path, extraFiles };
  const { text } = await readJsonFile(await resolveInside(path, configName, asked), `${asked}, ${configName}`);
  return { path, extraFiles, configText: text };
}

async function checkedExtraFiles(path: string, names: readonly string[], asked: string): Promise<readonly string[]> {
  const extraFiles = names.filter(isExtraName).toSorted();
  for (const name of extraFiles) await regularFile(await resolveInside(path, name, asked), asked);
  return extraFiles;
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
