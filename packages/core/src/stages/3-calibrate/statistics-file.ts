// Statistics on disk: a safetensors file of the sums, with the counts and the model's hash as JSON in its metadata. Scoring,
// targeting and comparing aggregations read it back and run no model.
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { encode, openSafetensors, writeSafetensors, type Checkpoint } from '../../formats/index.js';
import type { Statistics } from './statistics.js';
import { present } from '../../look-up.js';

/** Key of the metadata, and the version of what is under it. */
const KEY = 'espalier.statistics';
const VERSION = 1;

const count = z.int().nonnegative();
const headerSchema = z.strictObject({
  version: z.literal(VERSION),
  model: z.string().exactOptional(),
  folds: z.array(z.strictObject({ samples: count, tokens: count })),
});

/** Writes a file that appears whole or not at all. Throws `InputError` when it cannot be written. */
export async function writeStatistics(path: string, { model, folds, sums }: Statistics): Promise<void> {
  const header = JSON.stringify({ version: VERSION, model, folds });
  const infos = Object.entries(sums).map(([name, own]) => {
    return { name, type: 'F32', shape: [folds.length, own.length / folds.length] } as const;
  });
  await writeSafetensors(path, infos, ({ name }) => [encode(present(sums[name], `statistic "${name}"`), 'F32')], {
    [KEY]: header,
  });
}

/** Reads a file back. Throws `InputError` for anything but a whole file of statistics. */
export async function readStatistics(path: string): Promise<Statistics> {
  const checkpoint = await openSafetensors(path);
  try {
    const { version: _, ...facts } = readHeader(checkpoint, path);
    const { folds } = facts;
    const sums = new Map<string, Float32Array>();
    for (const { name, shape } of checkpoint.tensors.values()) {
      if (shape.length !== 2 || shape[0] !== folds.length) {
        throw wrongFile(path, `"${name}" is [${shape.join(', ')}], and there are ${folds.length} folds`);
      }
      const values = await checkpoint.read(name);
      if (!values.every(Number.isFinite)) throw wrongFile(path, `"${name}" holds a number that is NaN or infinite`);
      sums.set(name, values);
    }
    const total = (what: 'samples' | 'tokens'): number => folds.reduce((sum, fold) => sum + fold[what], 0);
    return { ...facts, samples: total('samples'), tokens: total('tokens'), sums: Object.fromEntries(sums) };
  } finally {
    await checkpoint.close();
  }
}

function readHeader({ metadata }: Checkpoint, path: string): z.infer<typeof headerSchema> {
  const text = metadata[KEY];
  if (text === undefined) throw wrongFile(path, 'it is a safetensors file of something else');
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw wrongFile(path, 'its description cannot be read', cause);
  }
}

function wrongFile(path: string, found: string, cause?: unknown): InputError {
  const fix = 'Give a file that a calibration of this version has written, or calibrate anew';
  return new InputError({ asked: `read statistics from "${path}"`, found, fix }, { cause });
}
