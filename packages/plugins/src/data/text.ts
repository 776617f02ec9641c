// Text files as documents.
import { readFile } from 'node:fs/promises';
import {
  encodeTrainingDocument,
  InputError,
  pathOption,
  strategy,
  type DataSource,
  type Random,
  type TextCodec,
  type TokenDocuments,
} from '@espalier/core';
import { z } from 'zod';

const options = z.strictObject({
  path: pathOption().describe('path of a UTF-8 text file'),
  split: z
    .enum(['lines', 'whole'])
    .default('lines')
    .describe('whether every non-empty line is a document, or the whole file is one'),
});

/** Which text, and where its documents end. */
export type TextOptions = Readonly<z.input<typeof options>>;

/** Documents of a text file in the order of the file. Throws `InputError` when it cannot be read or has no text. */
export async function readDocuments(
  { path, split = 'lines' }: TextOptions,
  tokenizer: TextCodec,
): Promise<readonly (readonly number[])[]> {
  const asked = `read text "${path}"`;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ asked, found, fix: 'Give the path of a UTF-8 text file' }, { cause });
  });
  const pieces = split === 'whole' ? [text] : text.split(/\r?\n/); // many corpora have CRLF
  const documents = pieces
    .filter((piece) => piece.trim() !== '')
    .map((piece) => encodeTrainingDocument(tokenizer, piece));
  if (documents.length > 0) return documents;
  throw new InputError({ asked, found: 'it holds no text', fix: 'Give a file with text in it' });
}

/** Endless documents of a list: each pass over it is in another seeded order. Throws `InputError` when it holds no token. */
export function documentsSource(name: string, documents: readonly (readonly number[])[]): DataSource {
  if (documents.every((document) => document.length === 0)) {
    const fix = 'Give documents with text in them';
    throw new InputError({
      asked: `use ${documents.length} documents of "${name}"`,
      found: 'they hold no tokens',
      fix,
    });
  }
  return {
    name,
    summary: `${documents.length} documents`,
    layout: 'packed',
    documents: ({ random }) => passes(documents, random),
  };
}

/**
 * Endless documents of a text file: each pass over the file is in another seeded order. Its `documents` throw `InputError` when
 * the file cannot be read or has no text.
 */
export const textSource = strategy('data', {
  name: 'text',
  summary: 'documents of a UTF-8 text file',
  options,
  create: (file) => ({
    layout: 'packed',
    async *documents({ teacher, random }): TokenDocuments {
      yield* passes(await readDocuments(file, teacher.tokenizer), random);
    },
  }),
});

function* passes(documents: readonly (readonly number[])[], random: Random): Generator<readonly number[], never> {
  for (let pass = 0; ; pass++) yield* random.fork(`pass ${pass}`).shuffle(documents);
}
