// What a data specification points at: files on this machine or of the hub, or a source by name.
import { existsSync } from 'node:fs';
import { InputError, nearest, strategies, type RunContainer } from '@espalier/core';
import { fetchDataset } from '../hub/fetch.js';
import { hubDataset } from '../hub/names.js';
import type { HubAccess } from '../hub/access.js';
import type { DataSpec } from '../recipe/data-schema.js';
import { patternIn } from '../recipe/pattern.js';
import { localFiles } from './local-files.js';

/** Where text is. */
export type LocatedData =
  { readonly kind: 'files'; readonly files: readonly string[] } | { readonly kind: 'source'; readonly name: string };

/** Where text is, or will be once it is fetched. */
export type FoundData = LocatedData | { readonly kind: 'dataset'; readonly dataset: string };

/** What a specification is looked for with. */
export interface DataPlaces {
  readonly container: RunContainer;
  /** The file that standard input is or will be written to. */
  readonly stdin?: string | undefined;
}

/** Sources that a file of the same name does not hide. */
const reserved = ['tinytales', 'teacher'];

/** Finds what is meant; nothing is fetched or read. Throws `InputError` for what is not there. */
export async function findData({ source, files }: DataSpec, { container, stdin }: DataPlaces): Promise<FoundData> {
  if (reserved.includes(source)) return { kind: 'source', name: source };
  if (source === '-' && stdin !== undefined) return { kind: 'files', files: [stdin] };
  if (existsSync(source) || patternIn(source) !== undefined)
    return { kind: 'files', files: await localFiles(source, files) };
  const dataset = hubDataset(source);
  if (dataset !== undefined) return { kind: 'dataset', dataset };
  const names = strategies(container, 'data').map(({ name }) => name);
  if (names.includes(source)) return { kind: 'source', name: source };
  const guess = nearest(source, names);
  throw new InputError({
    asked: `read text "${source}"`,
    found: 'there is no such file, and no source of that name',
    fix: `${guess === undefined ? '' : `Perhaps "${guess}" was meant. `}Give a text, JSONL or Parquet file, a folder, a pattern (corpus/*.jsonl), "-" for stdin, hub:OWNER/NAME, "tinytales", or "teacher", which needs no text`,
  });
}

/** Finds what is meant; files of the hub are fetched. */
export async function locateData(spec: DataSpec, places: DataPlaces, hub: HubAccess): Promise<LocatedData> {
  const found = await findData(spec, places);
  if (found.kind !== 'dataset') return found;
  const { files, revision } = spec;
  return { kind: 'files', files: await fetchDataset({ dataset: found.dataset, files, revision }, hub) };
}
