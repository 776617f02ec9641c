// What lies in a Hugging Face model folder: the names that matter, and the rule that nothing is read through a name or link
// that leaves the folder.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { InputError } from '../../errors.js';
import { attempt } from '../files.js';
import { quote } from '../quote.js';

export const configName = 'config.json';
export const weightsName = 'model.safetensors';
export const indexName = 'model.safetensors.index.json';

/** Name of one shard of several, numbered from 1. */
export function shardName(number: number, count: number): string {
  const digits = (value: number): string => String(value).padStart(5, '0');
  return `model-${digits(number)}-of-${digits(count)}.safetensors`;
}

/** Whether a name is that of a weight file this project writes. */
export function isWeightsName(name: string): boolean {
  return name === weightsName || name === indexName || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name);
}

const extraNames = [
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|encoder|generation_config|chat_template|tekken)\.json$/,
  /^(merges|vocab)\.txt$/,
  /^(tokenizer|spiece|sentencepiece|sentencepiece\.bpe)(\.v\d+)?\.model$/,
  /^(source|target)\.spm$/,
  /^(vocab\.bpe|bpe\.codes)$/,
  /^chat_template\.jinja$/,
  /\.tiktoken$/,
  /^(LICEN[CS]E|NOTICE|COPYING|USE_POLICY)([-_.][\w.-]+)?$/i,
];

/** The folder in which transformers keeps chat templates beside the first. */
export const templatesName = 'additional_chat_templates';

/** Whether a name in that folder is that of a template. */
export function isTemplateName(name: string): boolean {
  return /^[^/\\:\0]+\.jinja$/.test(name);
}

/** Whether a name is that of a small file that belongs to the model whatever its weights: tokenizer, generation, licence. */
export function isExtraName(name: string): boolean {
  return extraNames.some((pattern) => pattern.test(name));
}

/** The model card: of one model only, so it is never carried to another, but it goes with the folder that it describes. */
export const cardName = 'README.md';

/**
 * The path of a file in the folder; throws InputError if the name is more than a plain name, or is a link out of the folder.
 * `model` is the model folder where `folder` is one below it. The one way out allowed is the layout of the hub's cache, whose snapshots link into the `blobs` folder beside them.
 */
export async function resolveInside(folder: string, name: string, asked: string, model = folder): Promise<string> {
  const leaves = (found: string): InputError =>
    new InputError({ asked, found, fix: 'Put the file itself into the model folder and name it without any path' });
  if (name === '' || name === '.' || name === '..' || /[/\\:\0]/.test(name))
    throw leaves(`the file name ${quote(name)} could leave the folder`);
  const path = join(folder, name);
  const parts = { asked, fix: `Check that the folder is complete: ${quote(name)} is missing or cannot be read` };
  const [root, target] = await attempt(parts, () => Promise.all([realpath(model), realpath(path)]));
  const snapshots = dirname(root);
  const roots = basename(snapshots) === 'snapshots' ? [root, join(dirname(snapshots), 'blobs')] : [root];
  if (roots.some((allowed) => target.startsWith(allowed + sep))) return path;
  throw leaves(`${quote(name)} is a link that leaves the folder`);
}
