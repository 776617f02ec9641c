// A reader as a function of bytes, and the inputs that mutations begin with, from fixtures/fuzz/NAME.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A reader; it may use the folder, which is its own. */
export interface Parser {
  readonly name: string;
  readonly corpus: readonly Buffer[];
  read(bytes: Buffer, folder: string): unknown;
}

const fixtures = fileURLToPath(new URL('../../fixtures/fuzz/', import.meta.url));

/** Inputs of a parser that are right, or were once answered wrongly. */
export function corpusOf(name: string): readonly Buffer[] {
  const folder = join(fixtures, name);
  return readdirSync(folder)
    .toSorted()
    .map((own) => readFileSync(join(folder, own)));
}

/** A reader of whole files. */
export function one(name: string, read: Parser['read']): Parser {
  return { name, corpus: corpusOf(name), read };
}

/** A reader of single lines. */
export function lines(name: string, read: (text: string) => unknown): Parser {
  const corpus = corpusOf(name).flatMap((own) =>
    own
      .toString()
      .split('\n')
      .map((line) => Buffer.from(line)),
  );
  return { name, corpus, read: (bytes) => read(bytes.toString()) };
}

/** Writes a file of a folder, which is made, and gives its path. */
export function file(folder: string, name: string, bytes: string | Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A safetensors file with this header and as many bytes of zeros. */
export function withHeader(header: Buffer, bytes: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(bytes)]);
}
