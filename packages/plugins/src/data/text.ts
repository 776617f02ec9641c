// Text files as documents.
import type { DataSource } from '@espalier/core';
import { openText } from './text/open-text.js';
import type { TextFormat } from './text/texts.js';

/** Which text, and where its documents end. */
export interface TextOptions {
  /** Path of a file: plain text, JSONL or a JSON array, Parquet; the first two may be packed with gzip. */
  readonly path: string;
  /** By the ending of the file when not given; `jsonl` is one record a line, or one array of records. */
  readonly format?: TextFormat | undefined;
  /** Whether every non-empty line of a plain text is a document (when not given), or the whole file is one. */
  readonly split?: 'lines' | 'whole';
  /** Which field of JSON, or column of Parquet, holds the text; `text` when not given. */
  readonly field?: string;
}

/**
 * Endless documents of a text file: each pass over the file is in another seeded order. Lines end at LF or CRLF only; a file must
 * be UTF-8 throughout, and a mark at its beginning is left out. Opening it throws `InputError` for what cannot be read.
 */
export function textSource({ path, format, split = 'lines', field = 'text' }: TextOptions): DataSource {
  return {
    name: 'text',
    summary: 'documents of a text, JSONL or Parquet file',
    layout: 'packed',
    open: (context) => openText({ name: path, files: [path], format, split, field }, context),
  };
}
