// Text out of a Parquet file, one group of rows at a time.
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import { InputError } from '@espalier/core';
import { fieldOf } from './field.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Decompress = (bytes: Uint8Array) => Uint8Array;

/** Zstandard is in newer versions of Node only. */
function zstd(): Decompress | undefined {
  const own: unknown = Reflect.get(zlib, 'zstdDecompressSync');
  return typeof own === 'function' ? (bytes) => Reflect.apply(own, undefined, [bytes]) as Uint8Array : undefined;
}

/** The texts of one column, in order; null where a row has none. Throws `InputError` for a file that is damaged or has no such column of text. */
export async function* parquetTexts(file: string, field: string): AsyncGenerator<string | null> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const asked = `read Parquet file "${file}"`;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((cause: unknown) => {
      if (cause instanceof InputError) throw cause;
      const found = cause instanceof Error ? cause.message : String(cause);
      const fix =
        'Check that the file is whole, and packed with Snappy, gzip, Brotli, Zstandard (Node 22.15 or newer) or not at all';
      throw new InputError({ asked, found, fix }, { cause });
    });
  const buffer = await attempt(() => asyncBufferFromFile(file));
  const metadata = await attempt(() => parquetMetadataAsync(buffer));
  const columns = metadata.schema.slice(1).map(({ name }) => name);
  const [column = ''] = field.split('.');
  if (!columns.includes(column)) {
    throw new InputError({
      asked: `${asked}, column "${column}"`,
      found: `its columns are ${columns.join(', ')}`,
      fix: 'Name one of them (field)',
    });
  }
  const zstandard = zstd();
  const compressors = {
    GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
    BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes),
    ...(zstandard && { ZSTD: zstandard }),
  };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const range = { rowStart, rowEnd };
    const parsers = { stringFromBytes: (bytes?: Uint8Array) => bytes && strictly(bytes, asked) };
    const rows = await attempt(() =>
      parquetReadObjects({ file: buffer, metadata, columns: [column], compressors, parsers, ...range }),
    );
    for (const [index, row] of rows.entries())
      yield fieldOf(row, field, `row ${rowStart + index} (0-based) of "${file}"`);
    rowStart = rowEnd;
  }
}

function strictly(bytes: Uint8Array, asked: string): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    const found = `one of its texts is no UTF-8: it begins ${JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 40)))}`;
    throw new InputError({ asked, found, fix: 'Write the file again with texts in UTF-8' }, { cause });
  }
}
