// The loop: the input of every iteration follows from the seed and its number, so that a fault is found again without being stored.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@espalier/core';
import { faultOf } from './judge.js';
import { mutate } from './mutate.js';
import type { Parser } from './corpus.js';

/** An input that was answered wrongly. */
export interface Fault {
  readonly parser: string;
  readonly iteration: number;
  readonly what: string;
}

/** The parser of an iteration and its input. */
export function inputOf(
  parsers: readonly Parser[],
  seed: number,
  iteration: number,
): { readonly parser: Parser; readonly bytes: Buffer } {
  const parser = parsers[iteration % parsers.length];
  if (parser === undefined) throw new RangeError('there are no parsers');
  return { parser, bytes: mutate(parser.corpus, random(seed).fork(iteration)) };
}

/** Milliseconds after which an answer is late. */
export const LATE = 2000;

/**
 * Tries one iteration, an answer that is late at once again: on a busy machine any may be, an input that takes long does so twice. `late`
 * is told of the first time. `folder` holds a folder for each parser, used again and again: a parser writes all that it reads.
 */
export async function tryOne(
  parsers: readonly Parser[],
  seed: number,
  iteration: number,
  folder: string,
  late: (milliseconds: number) => void = () => undefined,
): Promise<Fault | undefined> {
  const { parser, bytes } = inputOf(parsers, seed, iteration);
  const answer = async (): Promise<{ readonly what?: string | undefined; readonly took: number }> => {
    const began = performance.now();
    try {
      await parser.read(bytes, join(folder, String(parsers.indexOf(parser))));
      return { took: performance.now() - began };
    } catch (error) {
      return { what: faultOf(error), took: performance.now() - began };
    }
  };
  const first = await answer();
  if (first.took > LATE) late(first.took);
  const { what, took } = first.took > LATE ? await answer() : first;
  const found = what ?? (took > LATE ? `no answer for ${Math.round(took)} ms, twice` : undefined);
  return found === undefined ? undefined : { parser: parser.name, iteration, what: found };
}

/** Runs with a folder for `tryOne` that goes afterwards. */
export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-fuzz-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
