// The manifest of a folder that is complete: what it was made from, and a checksum of every file in it. It is written last,
// so that a folder without one is known to be unfinished.
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { attempt, digestFile, exists, isAbsence, listFolder, syncFolder, systemCode } from '@espalier/core';
import type { FileDigest, Json } from '@espalier/core';
import { z } from 'zod';
import { digestJson } from './digest.js';
import { readRunFile, writeJsonFile } from './small-files.js';

export const manifestName = 'manifest.json';

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** What this was made from, as plain data. */
  inputs: z.json(),
  /** SHA-256 of `inputs`. */
  inputsHash: z.string(),
  /** Files by path relative to the folder. */
  outputs: z.record(z.string().refine(isBelow), z.strictObject({ bytes: z.int().nonnegative(), sha256: z.string() })),
});

/** A manifest may come from a stranger: nothing outside its folder is looked at. */
function isBelow(path: string): boolean {
  return !isAbsolute(path) && !path.split(/[\\/]/).includes('..');
}

export type Manifest = Readonly<Omit<z.infer<typeof manifestSchema>, 'inputs'>> & { readonly inputs: Json };

/** Reads a folder's manifest; `undefined` where there is none: the folder is unfinished or not there. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName);
  return (await exists(path)) ? readRunFile(path, manifestSchema) : undefined;
}

/** Completes a folder: digests all files in it and writes the manifest. */
export async function completeFolder(folder: string, inputs: Json): Promise<Manifest> {
  const outputs: (readonly [string, FileDigest])[] = [];
  for (const name of await filesBelow(folder)) outputs.push([name, await digestFile(join(folder, name))]);
  const manifest: Manifest = {
    format: 1,
    inputs,
    inputsHash: digestJson(inputs),
    outputs: Object.fromEntries(outputs),
  };
  await syncFolder(folder);
  await writeJsonFile(join(folder, manifestName), manifest);
  return manifest;
}

/** What is wrong with the files that a manifest lists, each as a sentence without a full stop; nothing when all are as written. */
export async function damages(folder: string, { outputs }: Manifest): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, { bytes, sha256 }] of Object.entries(outputs)) {
    const path = join(folder, name);
    const size = await sizeOf(path);
    if (size === undefined) found.push(`"${path}" is missing`);
    else if (size !== bytes) found.push(`"${path}" has ${size} bytes, ${bytes} were written`);
    else {
      const now = await digestOf(path);
      if (now === undefined) found.push(`"${path}" cannot be read (the disk reported an error)`);
      else if (now !== sha256) found.push(`"${path}" has other bytes than were written`);
    }
  }
  return found;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return attempt({ asked: `check "${path}"`, fix: 'Check its permissions' }, () =>
    stat(path).then(
      ({ size }) => size,
      (error: unknown) => {
        if (isAbsence(error)) return undefined;
        throw error;
      },
    ),
  );
}

/** Undefined where the disk no longer has its bytes (EIO): then it is damaged, and that is no trouble of a moment. */
async function digestOf(path: string): Promise<string | undefined> {
  return digestFile(path).then(
    ({ sha256 }) => sha256,
    (error: unknown) => {
      if (systemCode(error) === 'EIO') return undefined;
      throw error;
    },
  );
}

/** Files in a folder and below, as relative paths with `/`, sorted; without the manifest and unfinished temporary files. */
async function filesBelow(folder: string, prefix = ''): Promise<readonly string[]> {
  const entries = await listFolder(join(folder, prefix));
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(folder, name);
      return name === manifestName || entry.name.endsWith('.tmp') ? [] : [name];
    }),
  );
  return nested.flat().toSorted();
}
