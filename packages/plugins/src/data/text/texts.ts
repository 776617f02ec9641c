// Texts out of files, one after another: plain text, JSON, Parquet. The one reader of files, whoever names them.
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { attempt, InputError } from '@espalier/core';
import { jsonTexts } from './json.js';
import { lines, wholeText } from './lines.js';
import { parquetTexts } from './parquet.js';

/** Formats of text files; `jsonl` is one record a line, or one array of records. */
export type TextFormat = 'text' | 'jsonl' | 'parquet';

/** How files become texts. */
export interface TextSpec {
  /** By the ending of each file when not given. */
  readonly format?: TextFormat | undefined;
  /** Whether every non-empty line of a plain text is a document, or the whole file is one. */
  readonly split: 'lines' | 'whole';
  /** Which field of a record, or column, holds the text: `text`, or one within, `message.content`. */
  readonly field: string;
}

/** Files that are there. */
export interface Texts {
  readonly files: readonly string[];
  /** Bytes on disk. */
  readonly bytes: number;
  /** The texts from the beginning, in order, null for a row that has none; empty ones are left out. */
  read(): AsyncIterable<string | null>;
}

/** Opens files. Throws `InputError` for what is no regular file, or of a format that is not read. */
export async function openTexts(files: readonly string[], spec: TextSpec): Promise<Texts> {
  let bytes = 0;
  const opened: (readonly [file: string, format: TextFormat])[] = [];
  for (const file of files) {
    const facts = await attempt({ asked: `read text "${file}"`, fix: 'Give the path of a file' }, () => stat(file));
    if (!facts.isFile()) {
      throw new InputError({
        asked: `read text "${file}"`,
        found: 'it is not a regular file',
        fix: 'Give the path of a text, JSONL or Parquet file',
      });
    }
    bytes += facts.size;
    opened.push([file, spec.format ?? formatOf(file)]);
  }
  return {
    files,
    bytes,
    async *read() {
      for (const [file, format] of opened)
        for await (const text of textsOf(file, format, spec)) if (text === null || text.trim() !== '') yield text;
    },
  };
}

/** Whether a file's name ends as a text does, packed with gzip or not; .json is as often something else. */
export function isTextFile(name: string): boolean {
  return /\.(txt|text|jsonl|ndjson|parquet)(\.gz)?$/i.test(name);
}

/** Format of a file by its ending; text when that says nothing. Throws `InputError` for tables. */
function formatOf(file: string): TextFormat {
  const ending = extname(file.replace(/\.gz$/i, '')).toLowerCase();
  if (ending === '.json' || ending === '.jsonl' || ending === '.ndjson') return 'jsonl';
  if (ending === '.parquet') return 'parquet';
  if (ending !== '.csv' && ending !== '.tsv') return 'text';
  throw new InputError({
    asked: `read text "${file}"`,
    found: `tables (${ending}) are not read`,
    fix: 'Convert it to JSONL or Parquet (in Python: pandas.read_csv("t.csv").to_json("t.jsonl", orient="records", lines=True)), or give format text to take each line as it is',
  });
}

async function* textsOf(file: string, format: TextFormat, { split, field }: TextSpec): AsyncGenerator<string | null> {
  if (format === 'jsonl') yield* jsonTexts(file, field);
  else if (format === 'parquet') yield* parquetTexts(file, field);
  else if (split === 'whole') yield await wholeText(file);
  else for await (const { text } of lines(file)) yield text;
}
