// A file of the hub into the cache: under its digest (blobs), once its content is proved to have it, and by its path (snapshots).
// What was cut off goes on where it stopped, in this process or a later one.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, open, rename, rm, stat, symlink, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError, makeFolder } from '@espalier/core';
import { usualPatience, type HubAccess } from './access.js';
import type { HubFile } from './listing.js';
import { ask, HubError, isPassing } from './request.js';

/** Bytes that a try has to bring so that it does not count as failed. */
const leastProgress = 2 ** 16;

/** Makes sure of a file of a snapshot. Throws `HubError` where the hub gives up, `InputError` for content that is not what it should be. */
export async function download(
  address: string,
  file: HubFile,
  { store, sha }: { readonly store: string; readonly sha: string },
  access: HubAccess,
): Promise<void> {
  const blob = join(store, 'blobs', file.digest.hex);
  const place = join(store, 'snapshots', sha, ...file.path.split('/'));
  if ((await sizeOf(place)) === file.size) return;
  await makeFolder(dirname(blob));
  if ((await sizeOf(blob)) !== file.size) await fetchBlob(address, file, blob, access);
  await makeFolder(dirname(place));
  await rm(place, { force: true });
  // Where there are no links (Windows without the right to make them), Python's library has a copy too.
  await symlink(relative(dirname(place), blob), place).catch(() => copyFile(blob, place));
}

/** Bytes of a file that are yet to be fetched. */
export async function missingBytes({ digest, size }: HubFile, store: string): Promise<number> {
  const blob = join(store, 'blobs', digest.hex);
  return (await sizeOf(blob)) === size ? 0 : Math.max(0, size - ((await sizeOf(`${blob}.incomplete`)) ?? 0));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (facts) => (facts.isFile() ? facts.size : undefined),
    () => undefined,
  );
}

async function fetchBlob(address: string, file: HubFile, blob: string, access: HubAccess): Promise<void> {
  // Written at its place in the file, so that two processes that fetch the same content do not harm each other.
  const partial = `${blob}.incomplete`;
  const { tries, wait } = access.patience ?? usualPatience;
  const left = (await sizeOf(partial)) ?? 0;
  for (let failed = 0, before = 0; ;) {
    const had = (await sizeOf(partial)) ?? 0;
    if (had >= before + leastProgress) failed = 0;
    before = had;
    try {
      await receive(address, file, partial, access);
      break;
    } catch (error) {
      if (!(error instanceof HubError) || !isPassing(error) || ++failed >= tries) throw error;
      await wait(failed);
    }
  }
  const found = await digestOf(partial, file);
  if (found === file.digest.hex) return rename(partial, blob);
  await rm(partial, { force: true });
  // What an earlier process has left may have been something else, such as the page of a network that asks for a login.
  if (left > 0) return fetchBlob(address, file, blob, access);
  throw new InputError({
    asked: `fetch ${file.path} from ${new URL(address).host}`,
    found: `its content has the digest ${found}, the hub's list says ${file.digest.hex}`,
    fix: 'It was damaged on the way or is not what it says; nothing of it was kept. Run the same command again',
  });
}

/** Receives what is missing. Throws `HubError` when the connection ends before the file does. */
async function receive(address: string, { path, size }: HubFile, partial: string, access: HubAccess): Promise<void> {
  const handle = await open(partial, (await sizeOf(partial)) === undefined ? 'w+' : 'r+');
  try {
    const { silence } = access.patience ?? usualPatience;
    let at = (await handle.stat()).size;
    if (at > size) {
      await handle.truncate(0);
      at = 0;
    }
    if (at === size) return;
    const range: Readonly<Record<string, string>> = at === 0 ? {} : { range: `bytes=${at}-` };
    const { host } = new URL(address);
    const answer = await ask(address, access, { 'accept-encoding': 'identity', ...range }).catch(
      async (error: unknown) => {
        if (!(error instanceof HubError) || error.status !== 416) throw error;
        await handle.truncate(0);
        throw new HubError(`${host} does not go on with ${path}`, undefined, { cause: error });
      },
    );
    // A server that does not know ranges, or gives another one, begins anew.
    if (answer.status !== 206 || !(answer.headers.get('content-range') ?? '').startsWith(`bytes ${at}-`)) {
      await handle.truncate(0);
      if (answer.status === 206 && at > 0) throw new HubError(`${host} gave another part of ${path}`);
      at = 0;
    }
    const told = answer.headers.get('content-length');
    if (told !== null && answer.headers.get('content-encoding') === null && Number(told) < size - at)
      throw new HubError(`${host} gave ${told} bytes in place of the ${size - at} of ${path}`);
    const checkPace = paceOf(host, at, silence);
    for await (const piece of answer.body()) {
      if (at + piece.length > size) {
        await handle.truncate(0);
        throw new InputError({
          asked: `fetch ${path} from ${host}`,
          found: `it gives more than the ${size} bytes that its list says`,
          fix: 'Run the same command again; if that does not help, do not use this repository',
        });
      }
      await writeAt(handle, piece, at);
      at += piece.length;
      access.watch?.({ done: at, total: size, unit: 'bytes' });
      checkPace(at);
    }
    if (at < size) throw new HubError(`${host} broke off ${path} after ${at} of ${size} bytes`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Told how far a file has come; throws `HubError` where ten times the longest silence has brought next to nothing. */
function paceOf(host: string, begin: number, silence: number): (at: number) => void {
  let [since, before] = [performance.now(), begin];
  return (at) => {
    const passed = performance.now() - since;
    if (passed < 10 * silence) return;
    if (at - before < leastProgress)
      throw new HubError(`${host} gave ${at - before} bytes in ${Math.round(passed / 1000)} seconds`);
    [since, before] = [performance.now(), at];
  };
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

async function digestOf(path: string, { size, digest }: HubFile): Promise<string> {
  const hash = createHash(digest.algorithm === 'sha256' ? 'sha256' : 'sha1');
  if (digest.algorithm === 'git') hash.update(`blob ${size}\0`);
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
