// Text out of files, one document at a time: plain text, JSON lines, Parquet. Nothing is read whole but a file that is one document.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { InputError, ownValue } from '@espalier/core';
import type { DataSpec } from '../recipe/schema.js';
import { parquetTexts } from './parquet.js';

/** How a file is read. */
export type TextSpec = Pick<DataSpec, 'split' | 'field'> & { readonly format?: DataSpec['format'] | undefined };

/** Documents of several files. */
export interface Texts {
  readonly files: readonly string[];
  /** Bytes on disk. */
  readonly bytes: number;
  /** The texts from the beginning, in order; empty ones are left out. */
  read(): AsyncIterable<string>;
}

/** Opens files of text. Throws `InputError` for what is not there. */
export async function openTexts(files: readonly string[], spec: TextSpec): Promise<Texts> {
  let bytes = 0;
  for (const file of files) {
    const facts = await stat(file).catch((cause: unknown) => {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new InputError({ asked: `read text "${file}"`, found, fix: 'Give the path of a file' }, { cause });
    });
    if (!facts.isFile()) throw notAFile(file);
    bytes += facts.size;
  }
  return {
    files,
    bytes,
    async *read() {
      for (const file of files) for await (const text of textsOf(file, spec)) if (text.trim() !== '') yield text;
    },
  };
}

const formats: Readonly<Record<string, DataSpec['format']>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
};

/** Format of a file by its ending; text when that says nothing. */
export function formatOf(file: string): NonNullable<DataSpec['format']> {
  return ownValue(formats, extname(file).toLowerCase()) ?? 'text';
}

function textsOf(file: string, { format = formatOf(file), split, field }: TextSpec): AsyncIterable<string> {
  switch (format) {
    case 'text':
      return split === 'whole' ? wholeText(file) : lines(file);
    case 'jsonl':
      return jsonTexts(file, field);
    case 'parquet':
      return parquetTexts(file, field);
  }
}

async function* wholeText(file: string): AsyncGenerator<string> {
  yield await readFile(file, 'utf8');
}

async function* lines(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file, 'utf8');
  try {
    // Many corpora have CRLF.
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) yield line;
  } finally {
    stream.destroy();
  }
}

async function* jsonTexts(file: string, field: string): AsyncGenerator<string> {
  let number = 0;
  for await (const line of lines(file)) {
    number += 1;
    if (line.trim() === '') continue;
    yield fieldOf(parseLine(line, file, number), field, `line ${number} of "${file}"`);
  }
}

function parseLine(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const fix = 'Every line must be one JSON value; plain text is read with format text';
    throw new InputError({ asked: `read line ${number} of "${file}" as JSON`, found, fix }, { cause });
  }
}

/** The text of a record: a field, or one within (`message.content`). Throws `InputError` naming the fields there are. */
export function fieldOf(record: unknown, field: string, where: string): string {
  if (typeof record === 'string') return record;
  const parts = field.split('.');
  const value = parts.reduce<unknown>((own, part) => (isRecord(own) ? ownValue(own, part) : undefined), record);
  if (typeof value === 'string') return value;
  const known = isRecord(record) ? Object.keys(record).filter((key) => typeof record[key] === 'string') : [];
  throw new InputError({
    asked: `read field "${field}" in ${where}`,
    found:
      value === undefined
        ? 'there is no such field'
        : `it is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}, not text`,
    fix:
      known.length === 0
        ? 'Name the field that holds the text (--field)'
        : `Fields with text are ${known.join(', ')} (--field)`,
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function notAFile(file: string): InputError {
  return new InputError({
    asked: `read text "${file}"`,
    found: 'it is not a regular file',
    fix: 'Give the path of a text, JSONL or Parquet file; a folder is given as several files (files: "folder/*.jsonl")',
  });
}
