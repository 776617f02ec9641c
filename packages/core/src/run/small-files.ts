// JSON files of a run folder: written whole or not at all, and parsed when they are read back.
import type { z } from 'zod';
import { InputError } from '../errors.js';
import { readSmallFile, writeAll, writeWhole } from '../formats/index.js';

/** Writes text that appears whole or not at all, durably. Throws `InputError`, e.g. when the disk is full. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const asked = `write "${path}"`;
  await writeWhole(path, asked, (file) => writeAll(file, new TextEncoder().encode(text), asked));
}

/** Writes a value as indented JSON, whole or not at all. Throws as `writeTextFile`. */
export function writeJsonFile(path: string, value: unknown): Promise<void> {
  return writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Reads a JSON file through its schema. Throws `InputError` when it is missing, no JSON, or something else than the schema says. */
export async function readRunFile<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const asked = `read "${path}"`;
  const fix = 'Remove the folder it is in and resume: that part is then made again';
  const bytes = await readSmallFile(path, asked);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InputError({ asked, found: 'it is no JSON', fix }, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const found = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`;
  throw new InputError({ asked, found, fix }, { cause: parsed.error });
}
