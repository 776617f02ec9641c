// Models and data sets of the hub as files on this machine. The cache has the layout of Python's huggingface_hub (blobs, snapshots,
// refs), so that what either has fetched is there for both.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, writeTextFile } from '@espalier/core';
import type { HubAccess } from './access.js';
import { matchesPattern } from './names.js';

type Kind = 'model' | 'dataset';

interface Wanted {
  readonly kind: Kind;
  readonly name: string;
  readonly revision: string;
  wants(path: string): boolean;
}

/** Files that make a model, as far as they are read or carried along. */
const modelFile =
  /^[^/]+\.(safetensors|json|txt|model|jinja|tiktoken)$|^(LICEN[CS]E|NOTICE|USE_POLICY|README)(\.(md|txt))?$/i;
const dataFile = /\.(parquet|jsonl|ndjson|txt)$/i;

/** The folder of a model, fetched as far as it is not in the cache. Throws `InputError` saying what the hub answered. */
export function fetchModel(name: string, revision: string | undefined, access: HubAccess): Promise<string> {
  return fetchFiles(
    { kind: 'model', name, revision: revision ?? 'main', wants: (path) => modelFile.test(path) },
    access,
  );
}

/** config.json of a model and nothing else: what planning needs. */
export async function fetchConfig(name: string, revision: string | undefined, access: HubAccess): Promise<string> {
  const wants = (path: string): boolean => path === 'config.json';
  return fetchFiles({ kind: 'model', name, revision: revision ?? 'main', wants }, access);
}

/** Files of a data set: those that match a pattern, else all that hold text. */
export async function fetchDataset(
  {
    dataset,
    files,
    revision,
  }: { readonly dataset: string; readonly files?: string | undefined; readonly revision?: string | undefined },
  access: HubAccess,
): Promise<readonly string[]> {
  const wants = (path: string): boolean => (files === undefined ? dataFile.test(path) : matchesPattern(path, files));
  const folder = await fetchFiles({ kind: 'dataset', name: dataset, revision: revision ?? 'main', wants }, access);
  const paths = (await readdir(folder, { recursive: true })).filter((path) => wants(path.replaceAll('\\', '/')));
  return paths.toSorted().map((path) => join(folder, path));
}

async function fetchFiles(wanted: Wanted, access: HubAccess): Promise<string> {
  const { kind, name, revision, wants } = wanted;
  const store = join(access.cache, `${kind}s--${name.replace('/', '--')}`);
  if (access.offline) return cachedSnapshot(wanted, store, 'the hub is not asked: offline mode is on');
  const { listFiles, modelInfo, datasetInfo, downloadFileToCacheDir } = await import('@huggingface/hub');
  const shared = { hubUrl: access.endpoint, ...(access.token === undefined ? {} : { accessToken: access.token }) };
  const repo = { type: kind, name } as const;
  try {
    const asked = { ...shared, name, revision };
    const { sha } =
      kind === 'model'
        ? await modelInfo({ ...asked, additionalFields: ['sha'] })
        : await datasetInfo({ ...asked, additionalFields: ['sha'] });
    const found: { readonly path: string; readonly size: number }[] = [];
    for await (const entry of listFiles({ ...shared, repo, revision: sha, recursive: true }))
      if (entry.type === 'file' && wants(entry.path)) found.push(entry);
    if (found.length === 0) throw nothingThere(wanted);
    for (const { path, size } of found) {
      access.say(`${name}: ${path} (${(size / 1e6).toFixed(size < 1e7 ? 2 : 0)} MB)`);
      await downloadFileToCacheDir({ ...shared, repo, path, revision: sha, cacheDir: access.cache });
    }
    if (sha !== revision) {
      await mkdir(join(store, 'refs'), { recursive: true });
      await writeTextFile(join(store, 'refs', revision), sha);
    }
    return join(store, 'snapshots', sha);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (isUnreachable(cause))
      return cachedSnapshot(wanted, store, `${access.endpoint} cannot be reached (${reason})`, cause);
    throw refused(wanted, access, cause, reason);
  }
}

/** What the cache has of a revision. Throws `InputError` with the reason for not asking the hub. */
async function cachedSnapshot(
  { kind, name, revision, wants }: Wanted,
  store: string,
  reason: string,
  cause?: unknown,
): Promise<string> {
  const commit = /^[0-9a-f]{40}$/.test(revision)
    ? revision
    : (await readFile(join(store, 'refs', revision), 'utf8').catch(() => '')).trim();
  const folder = join(store, 'snapshots', commit);
  const names = commit === '' ? [] : await readdir(folder, { recursive: true }).catch(() => []);
  if (names.some((path) => wants(path.replaceAll('\\', '/')))) return folder;
  throw new InputError(
    {
      asked: `use ${kind} "${name}" (revision ${revision})`,
      found: `there is no such folder here and nothing of it in the cache "${store}", and ${reason}`,
      fix: 'Give the path of a folder, or go online and set HF_HUB_OFFLINE to 0',
    },
    { cause },
  );
}

function isUnreachable(error: unknown): boolean {
  // What fetch throws when there is no answer at all is a TypeError whose cause is the system's error.
  return error instanceof TypeError && error.cause !== undefined;
}

function nothingThere({ kind, name, revision }: Wanted): InputError {
  return new InputError({
    asked: `fetch ${kind} "${name}" (revision ${revision})`,
    found: 'none of its files is of a kind that is read here',
    fix:
      kind === 'model' ? 'Give a model with safetensors' : 'Name the files of the data set (files: "data/*.parquet")',
  });
}

function refused({ kind, name, revision }: Wanted, access: HubAccess, cause: unknown, reason: string): InputError {
  const status = cause instanceof Error && 'statusCode' in cause ? Number(cause.statusCode) : undefined;
  const denied = status === 401 || status === 403;
  const missing = status === 404;
  const found = denied
    ? `the hub denies access (${status})`
    : missing
      ? 'the hub has no such repository or revision'
      : `the hub answered: ${reason}`;
  const token = access.token === undefined ? 'Set HF_TOKEN' : 'Check that HF_TOKEN may read it';
  const fix = denied
    ? `${token}, and accept the model's licence on its page where there is one`
    : missing
      ? `Check the name; a folder on this machine is given by its path. For a private repository: ${token.toLowerCase().replace('hf_token', 'HF_TOKEN')}`
      : 'Try again later, or fetch it by other means and give the folder';
  return new InputError({ asked: `fetch ${kind} "${name}" (revision ${revision})`, found, fix }, { cause });
}
