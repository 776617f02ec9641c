// JSON files of a run folder: written whole or not at all, and parsed when they are read back.
import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { attempt, firstIssue, InputError, isDiskFailure, readSmallText, writeAll, writeWhole } from '@espalier/core';
import type { z } from 'zod';

/** Writes text that appears whole or not at all, durably. Throws `InputError`, e.g. when the disk is full. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const asked = `write "${path}"`;
  await writeWhole(path, asked, (file) => writeAll(file, new TextEncoder().encode(text), asked));
}

/** Writes a value as indented JSON, whole or not at all. Throws as `writeTextFile`. */
export function writeJsonFile(path: string, value: unknown): Promise<void> {
  return writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Removes a file, or a folder with all in it, where it is there. Throws `InputError`. */
export function removeWhole(path: string): Promise<void> {
  const parts = { asked: `remove "${path}"`, fix: 'Check what is there, and its permissions' };
  return attempt(parts, () => rm(path, { recursive: true, force: true }));
}

/** Files that say what a run is: nothing makes them again. */
const describing: readonly string[] = ['run.json', 'recipe.json', 'summary.json'];

/** What can be done about a file that is missing or damaged. */
function remedy(path: string): string {
  return describing.includes(basename(path))
    ? `Put "${path}" back as it was, or begin a new run in another folder`
    : `Remove the folder "${dirname(path)}" and resume: that part is then made again`;
}

/** A run folder's JSON files are small; token ids of held-back text are the largest. */
const LIMIT = 2 ** 28;

/**
 * Reads a JSON file through its schema. Throws `InputError` when it is missing, no JSON, or something else than the schema says;
 * `fix` is what can be done about it; when not given, the folder of the file may go if that is a part of a run.
 */
export async function readRunFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  fix = remedy(path),
): Promise<z.infer<Schema>> {
  const asked = `read "${path}"`;
  const text = await readSmallText(path, asked, LIMIT).catch((error: unknown) => {
    // A disk that fails says nothing about the file.
    if (!(error instanceof InputError) || isDiskFailure(error)) throw error;
    throw new InputError({ ...error.parts, fix }, { cause: error.cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError({ asked, found: 'it is no JSON', fix }, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError({ asked, found: firstIssue(parsed.error), fix }, { cause: parsed.error });
}
