// What a folder of cached teacher outputs says about itself, and the fingerprints it says it by.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TokenBatch } from '../../data/index.js';
import { weightSpecs, type Model } from '../../model/index.js';
import { hiddenStates, type StateName } from './loss-term.js';

/** Written last: a folder without it is not complete. */
export const manifestFile = 'manifest.json';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().positive();
const stateNames: readonly StateName[] = [...hiddenStates, 'queries', 'keys', 'values'];

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** `modelDigest` of the teacher. */
  teacher: digest,
  topK: count,
  vocabulary: count,
  states: z.array(z.strictObject({ name: z.enum(stateNames), layer: z.int().nonnegative().optional() })),
  batch: count,
  length: count,
  /** Names have no path in them. */
  files: z.array(
    z.strictObject({ name: z.string().regex(/^part-\d{5}\.safetensors$/), sha256: digest, batches: count }),
  ),
  /** `batchDigest` of each batch, in order. */
  data: z.array(digest),
});

export type CacheManifest = z.infer<typeof manifestSchema>;

/** SHA-256 over the names, sizes and float32 values of all weights; reads each of them once. */
export async function modelDigest(model: Model): Promise<string> {
  const hash = createHash('sha256');
  for (const { name } of weightSpecs(model)) {
    const values = await model.weights.read(name);
    hash.update(`${name} ${values.length}\n`).update(bytesOf(values));
  }
  return hash.digest('hex');
}

/** SHA-256 of what a batch feeds. */
export function batchDigest({ ids, targets, weights, batch, length }: TokenBatch): string {
  const hash = createHash('sha256').update(`${batch} ${length}\n`);
  for (const values of [ids, targets, weights]) hash.update(bytesOf(values));
  return hash.digest('hex');
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
