// Models and data sets of the hub as files on this machine. The cache has the layout of Python's huggingface_hub (blobs, snapshots,
// refs), so that what either has fetched is there for both.
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { InputError, makeFolder, readSmallText, systemWords } from '@espalier/core';
import { writeTextFile } from '../folder/small-files.js';
import { checkSpace } from '../folder/space.js';
import { mayCarryToken, type HubAccess } from './access.js';
import { download, missingBytes } from './download.js';
import { commitOf, filesOf, type Kind } from './listing.js';
import { isCommit, isHubId, isPathBelow, matchesPattern } from './names.js';
import { HubError } from './request.js';

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
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((own) => !own.isDirectory());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return paths.filter((path) => wants(relative(folder, path).replaceAll('\\', '/')));
}

async function fetchFiles(wanted: Wanted, access: HubAccess): Promise<string> {
  checkNames(wanted);
  const { kind, name, revision } = wanted;
  const store = join(access.cache, `${kind}s--${name.replace('/', '--')}`);
  if (access.offline) return cachedSnapshot(wanted, store, 'the hub is not asked: offline mode is on');
  if (access.token !== undefined && !mayCarryToken(new URL(access.endpoint), access))
    access.say(
      `the token is not sent to ${access.endpoint}: it would be read on the way (ESPALIER_TOKEN_OVER_HTTP=1 sends it)`,
    );
  let sha: string;
  try {
    sha = await commitOf(kind, name, revision, access);
  } catch (cause) {
    if (cause instanceof HubError && cause.status === undefined)
      return cachedSnapshot(wanted, store, `${access.endpoint} cannot be reached (${cause.message})`, cause);
    throw refused(wanted, access, cause);
  }
  try {
    await fetchAll(wanted, sha, store, access);
  } catch (cause) {
    throw refused(wanted, access, cause);
  }
  return join(store, 'snapshots', sha);
}

/** Every wanted file of a commit; the revision points at it once all of them are there. */
async function fetchAll(wanted: Wanted, sha: string, store: string, access: HubAccess): Promise<void> {
  const { kind, name, revision } = wanted;
  const files = await filesOf(wanted, sha, access);
  if (files.length === 0) throw nothingThere(wanted);
  let missing = 0;
  for (const file of files) missing += await missingBytes(file, store);
  if (missing > 0) await checkSpace(store, missing, `fetch ${kind} "${name}" into the cache of the hub`);
  const root = `${access.endpoint}/${kind === 'dataset' ? 'datasets/' : ''}${name}/resolve/${sha}`;
  for (const file of files) {
    access.say(`${name}: ${file.path} (${(file.size / 1e6).toFixed(file.size < 1e7 ? 2 : 0)} MB)`);
    const address = `${root}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
    await download(address, file, { store, sha }, access);
  }
  if (sha === revision) return;
  const ref = join(store, 'refs', ...revision.split('/'));
  await makeFolder(dirname(ref));
  await writeTextFile(ref, sha);
}

/** Throws `InputError` for a name or revision that could lead out of the cache. */
function checkNames({ kind, name, revision }: Wanted): void {
  const asked = `use ${kind} ${JSON.stringify(name)} (revision ${JSON.stringify(revision)})`;
  if (!isHubId(name)) throw new InputError({ asked, found: 'the name is no id of a hub', fix: 'Write OWNER/NAME' });
  if (isPathBelow(revision)) return;
  throw new InputError({ asked, found: 'the revision is no name', fix: 'Give a branch, a tag, or a commit' });
}

/** What the cache has of a revision. Throws `InputError` with the reason for not asking the hub. */
async function cachedSnapshot(
  { kind, name, revision, wants }: Wanted,
  store: string,
  reason: string,
  cause?: unknown,
): Promise<string> {
  const commit = isCommit(revision)
    ? revision
    : (
        await readSmallText(join(store, 'refs', ...revision.split('/')), 'read the cache', 2 ** 16).catch(() => '')
      ).trim();
  const folder = join(store, 'snapshots', commit);
  const names = !isCommit(commit) ? [] : await readdir(folder, { recursive: true }).catch(() => []);
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

function nothingThere({ kind, name, revision }: Wanted): InputError {
  return new InputError({
    asked: `fetch ${kind} "${name}" (revision ${revision})`,
    found: 'none of its files is of a kind that is read here',
    fix:
      kind === 'model' ? 'Give a model with safetensors' : 'Name the files of the data set (files: "data/*.parquet")',
  });
}

/** What the person is told of a failure; what is told already stays as it is. */
function refused({ kind, name, revision }: Wanted, access: HubAccess, cause: unknown): unknown {
  if (cause instanceof InputError) return cause;
  const asked = `fetch ${kind} "${name}" (revision ${revision})`;
  const again = 'run the same command again: it goes on where it stopped';
  if (!(cause instanceof HubError)) {
    if (!(cause instanceof Error && 'syscall' in cause)) return cause;
    const found = `the cache "${access.cache}" cannot be written (${systemWords(cause) ?? cause.message})`;
    return new InputError(
      { asked, found, fix: `Make room, or choose another (HF_HUB_CACHE); then ${again}` },
      { cause },
    );
  }
  const { status, message } = cause;
  const token = access.token === undefined ? 'set HF_TOKEN' : 'check that HF_TOKEN may read it';
  if (status === 401 || status === 403) {
    const fix = `Accept the model's licence on its page where there is one, and ${token}`;
    return new InputError({ asked, found: `the hub denies access (${status})`, fix }, { cause });
  }
  if (status === 404) {
    const fix = `Check the name; a folder on this machine is given by its path. For a private repository: ${token}`;
    return new InputError({ asked, found: 'the hub has no such repository or revision', fix }, { cause });
  }
  const fix =
    status === undefined || status >= 500 || status === 429
      ? `Wait a little, then ${again}`
      : 'Fetch it by other means and give the folder';
  return new InputError({ asked, found: message, fix }, { cause });
}
