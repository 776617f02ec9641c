// Flags that several verbs share: one name and one meaning each.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { integer, limits, positive } from '../flags.js';
import { JsonFlag, Several } from './verb.js';

export const json = (gives: string): JsonFlag => new JsonFlag(gives);
export const seed = (): Option => new Option('--seed <n>', 'seed of every random choice').argParser(integer).default(1);
export const threads = (): Option =>
  new Option('--threads <n>', 'threads of the backend (all cores)').argParser(positive(limits.threads));
export const backend = (): Option =>
  new Option('--backend <name>', 'ort, tfjs, ort:webgpu, tfjs:wasm, …').default('ort');
export const offline = (): Option =>
  new Option('--offline', 'fetch nothing from the hub, use its cache').default(false);
export const model = (): Option =>
  new Option('-m, --model <name>', 'folder, hub id (OWNER/NAME), run folder, or tinytales');
export const models = (): Option =>
  new Several(
    '-m, --model <name>',
    'folder, hub id (OWNER/NAME), run folder, or tinytales; several side by side',
  ).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
export const revision = (): Option =>
  new Option('--revision <name>', 'branch, tag or commit of a hub model').default(undefined, 'main');
export const recipe = (description: string): Option => new Option('-r, --recipe <file>', description);
export const set = (): Option =>
  new Several('--set <place=value>', 'a value of the recipe, as above; repeatable').argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
export const split = (flag: string, description: string): Option =>
  new Option(flag, description).choices(['lines', 'whole']).default('lines');
export const texts = (): Option =>
  new Several('-d, --data <source>', 'file, hub:OWNER/NAME, -, teacher, …; repeatable, a.txt:3').argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
export const field = (): Option =>
  new Option('--field <name>', 'field of JSONL or Parquet with the text').default('text');
export const maxTokens = (): Option =>
  new Option('--max-tokens <n>', 'tokens of an evaluation window, BOS included').argParser(positive(limits.length));
export const overwrite = (what: string): Option =>
  new Option('--overwrite', `replace ${what} that is there`).default(false);
export const plugin = (description = 'package or file with strategies; repeatable'): Option =>
  new Several('--plugin <name>', description).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    fromHere(value),
  ]);
export const trustedPlugin = (): Option => plugin('plugin file of the recipe that may be loaded; repeatable');
export const trust = (): Option => new Option('--trust', 'load all plugin files that the recipe names').default(false);

/** A path is seen from the current folder, now and when the run is resumed elsewhere. */
const fromHere = (name: string): string => (name.startsWith('.') ? resolve(name) : name);

/** Names of the flags that the user wrote, as commander calls them; the others have their defaults. */
export function givenFlags(command: Command): readonly string[] {
  return Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli');
}

export const allowShortage = (): Option =>
  new Option('--allow-shortage', 'begin although memory or disk are less than is needed').default(false);
export const gpus = (): Option => new Option('--gpus <file>', 'table of GPUs: GPU-hours and cost (default: bundled)');
