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
 * Tries one iteration. `folder` holds a folder for each parser, used again and again: a parser writes all that it reads.
 */
export async function tryOne(
  parsers: readonly Parser[],
  seed: number,
  iteration: number,
  folder: string,
): Promise<Fault | undefined> {
  const { parser, bytes } = inputOf(parsers, seed, iteration);
  const began = performance.now();
  const fault = (what: string): Fault => ({ parser: parser.name, iteration, what });
  try {
    await parser.read(bytes, join(folder, String(parsers.indexOf(parser))));
    const took = performance.now() - began;
    return took > LATE ? fault(`no answer for ${Math.round(took)} ms`) : undefined;
  } catch (error) {
    const what = faultOf(error);
    return what === undefined ? undefined : fault(what);
  }
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
