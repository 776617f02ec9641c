// Flags that several verbs share.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { integer, limits, positive } from '../flags.js';

export const json = (): Option =>
  new Option('--json', 'print the result as JSON on stdout; all else goes to stderr').default(false);
export const seed = (): Option => new Option('--seed <n>', 'seed of every random choice').argParser(integer).default(1);
export const threads = (): Option =>
  new Option('--threads <n>', 'threads of the backend (all cores)').argParser(positive(limits.threads));
export const backend = (): Option =>
  new Option('--backend <name>', 'ort or tfjs, or one of their devices: ort:webgpu, tfjs:wasm').default('ort');
export const offline = (): Option =>
  new Option('--offline', 'use what is in the cache of the hub, fetch nothing (HF_HUB_OFFLINE=1)').default(false);
export const revision = (): Option =>
  new Option('--revision <name>', 'branch, tag or commit of a model of the hub').default(undefined, 'main');
export const split = (flag: string, description: string): Option =>
  new Option(flag, description).choices(['lines', 'whole']).default('lines');
export const field = (): Option =>
  new Option('--field <name>', 'which field of JSONL or Parquet holds the text').default('text');
export const plugin = (): Option =>
  new Option('--plugin <name>', 'package or file whose strategies may be named; may be given several times')
    .argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), fromHere(value)])
    .default(undefined, 'none');

export const trustedPlugin = (): Option =>
  new Option('--plugin <file>', 'a plugin file of the recipe that may be loaded; may be given several times')
    .argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), fromHere(value)])
    .default(undefined, 'none');
export const trust = (): Option =>
  new Option('--trust', 'load the plugin files that the recipe names, without naming each (--plugin)').default(false);

/** A path is seen from the current folder, now and when the run is resumed elsewhere. */
const fromHere = (plugin: string): string => (plugin.startsWith('.') ? resolve(plugin) : plugin);

/** Names of the flags that the user wrote, as commander calls them; the others have their defaults. */
export function givenFlags(command: Command): readonly string[] {
  return Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli');
}

/** How models are named, for the help of every verb that takes one. */
export const modelHelp = 'Hugging Face folder, hub id (OWNER/NAME), or "tinytales" for the bundled one';
export const dataHelp =
  'text, JSONL or Parquet file, "-" for stdin, hub:OWNER/NAME, "tinytales", or "teacher" (the model writes its own text)';
