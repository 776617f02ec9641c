// The loop: the input of every iteration follows from the seed and its number, so that a fault is found again without being stored.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@espalier/core';
import { faultOf } from './judge.js';
import { mutate } from './mutate.js';
import type { Parser } from './parsers.js';

/** An input that was answered wrongly. */
export interface Fault {
  readonly parser: string;
  readonly iteration: number;
  readonly what: string;
}

/** The parser of an iteration and its input. */
export function inputOf(parsers: readonly Parser[], seed: number, iteration: number) {
  const parser = parsers[iteration % parsers.length];
  if (parser === undefined) throw new RangeError('there are no parsers');
  return { parser, bytes: mutate(parser.corpus, random(seed).fork(iteration)) };
}

/** Milliseconds after which an answer is late. */
export const LATE = 2000;

/** Tries one iteration in a folder of its own. */
export async function tryOne(parsers: readonly Parser[], seed: number, iteration: number): Promise<Fault | undefined> {
  const { parser, bytes } = inputOf(parsers, seed, iteration);
  const folder = mkdtempSync(join(tmpdir(), 'espalier-fuzz-'));
  const began = performance.now();
  const fault = (what: string): Fault => ({ parser: parser.name, iteration, what });
  try {
    await parser.read(bytes, folder);
    const took = performance.now() - began;
    return took > LATE ? fault(`no answer for ${Math.round(took)} ms`) : undefined;
  } catch (error) {
    const what = faultOf(error);
    return what === undefined ? undefined : fault(what);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
