// What a model folder says about its licence and origin: the front matter of its README, as the Hugging Face hub defines it.
import { readdir } from 'node:fs/promises';
import { attempt, readSmallFile } from '../files.js';
import { quote } from '../quote.js';
import { cardName, resolveInside } from './folder-files.js';

/** A README is a page of text. */
const MOST_BYTES = 10_000_000;

/** Entries of a model card that a student's card takes over. */
export interface CardData {
  /** Identifier of the licence, as `apache-2.0` or `other`. */
  readonly license?: string;
  /** Name of a licence that has no identifier. */
  readonly licenseName?: string;
  /** Where its text is. */
  readonly licenseLink?: string;
  /** Model that the folder's was made from, as `owner/name`. */
  readonly baseModel?: string;
}

/** Reads them; `{}` for a folder without README or front matter. Throws `InputError` for a README that is no regular file of text. */
export async function readCardData(folder: string): Promise<CardData> {
  const asked = `read the model card of ${quote(folder)}`;
  const names = await attempt({ asked, fix: 'Check the path of the folder' }, () => readdir(folder));
  if (!names.includes(cardName)) return {};
  const bytes = await readSmallFile(await resolveInside(folder, cardName, asked), asked, MOST_BYTES);
  const front = /^\uFEFF?---\r?\n(.*?)\r?\n---\s*(?:\r?\n|$)/s.exec(new TextDecoder().decode(bytes))?.[1] ?? '';
  const entry = (name: string): string | undefined => scalar(front, name);
  const [license, licenseName] = [entry('license'), entry('license_name')];
  const [licenseLink, baseModel] = [entry('license_link'), entry('base_model')];
  return {
    ...(license === undefined ? {} : { license }),
    ...(licenseName === undefined ? {} : { licenseName }),
    ...(licenseLink === undefined ? {} : { licenseLink }),
    ...(baseModel === undefined ? {} : { baseModel }),
  };
}

/** A text entry at the top level of simple YAML, or the first of a list of them. Other forms are not told: a card never guesses. */
function scalar(front: string, name: string): string | undefined {
  const own = new RegExp(`^${name}:[ \\t]*(.*(?:\\r?\\n[ \\t]*- .*)?)`, 'm').exec(front)?.[1] ?? '';
  const text = own.trim().replace(/^-\s+/, '').split(/\r?\n/, 1).join('').trim();
  const [, quoted, plain] = /^(?:(["'][^"']*["'])|([^\s"'[\]{}|>&*!%@`#,][^[\]{}#]*?))\s*(?:#.*)?$/.exec(text) ?? [];
  return quoted?.slice(1, -1) ?? plain;
}
