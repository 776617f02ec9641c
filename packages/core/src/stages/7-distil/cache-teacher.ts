// Lets the teacher speak once: the largest logits of every row, and the states asked for, written to a folder part by part.
// The folder's manifest comes last: without it there is no cache. Reading is in `cache-folder.ts`.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hostIntegers, type HostTensor, type HostTensors } from '../../backend/index.js';
import type { TokenBatches } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { attempt, writeSafetensors } from '../../formats/index.js';
import { input, program, type Program } from '../../graph/index.js';
import { createRunner, runnerWeights, type Model, type ModelRunner, type ModelShape } from '../../model/index.js';
import type { StageContext, StageTools } from '../../pipeline/index.js';
import { digestFile, writeJsonFile } from '../../run/index.js';
import { batchDigest, manifestFile, modelDigest, type CacheManifest } from './cache-manifest.js';
import { cacheInputs, seenModel } from './model-outputs.js';
import type { CachedState } from './step-options.js';

/** What of the teacher is written down, and about which text. */
export interface CacheOptions {
  /** Logits kept of each row. NVIDIA's default is 1024; up to 100 cost accuracy in Muralidharan et al. 2024. */
  readonly topK: number;
  /** Only the first rows of the vocabulary are looked at, e.g. for a student with fewer rows of padding; all when not given. */
  readonly vocabulary?: number;
  /** States kept as well, whole. */
  readonly states?: readonly CachedState[];
  /** The batches of the training, from the beginning. */
  readonly data: TokenBatches;
  /** How many of them. */
  readonly batches: number;
  /** Sequences in a batch. */
  readonly batch: number;
  /** Tokens in a sequence. */
  readonly length: number;
}

/** Bytes that a part of the cache holds at most, unless one batch is larger. */
const PART_BYTES = 64 * 2 ** 20;

/**
 * Fills a folder. Throws `InputError` for a folder that is there already, for data that ends early, and when the disk is full;
 * nothing is then left of it.
 */
export async function cacheTeacher(
  teacher: Model,
  folder: string,
  options: CacheOptions,
  context: StageContext,
  tools: StageTools,
): Promise<void> {
  const { topK, states = [], batch, length, vocabulary = teacher.architecture.sizes.vocab } = options;
  const asked = `cache teacher "${teacher.folder}" in "${folder}"`;
  const spoken = teacherProgram(teacher, { ...options, states, vocabulary });
  await attempt({ asked, fix: 'Name a folder that is not there yet' }, () => mkdir(folder));
  try {
    const runner = await createRunner(teacher, context);
    try {
      const { files, data } = await speak(runner, spoken, folder, options, asked, tools);
      const shape = { topK: Math.min(topK, vocabulary), vocabulary, batch, length };
      const own = await modelDigest(teacher);
      const manifest: CacheManifest = { version: 1, teacher: own, ...shape, states: [...states], files, data };
      await writeJsonFile(join(folder, manifestFile), manifest);
    } finally {
      await runner.dispose();
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What the teacher says about a batch: input `ids [B, T]`, outputs under the names that a training is fed by. */
function teacherProgram(
  shape: ModelShape,
  { batch, length, topK, vocabulary, states }: CacheOptions & Required<Pick<CacheOptions, 'vocabulary' | 'states'>>,
): Program {
  const seen = seenModel(shape, runnerWeights(shape), input('ids', [batch, length], 'int32'));
  const { ids, values } = seen.top(topK, vocabulary);
  const kept = states.map(({ name, layer }) => [cacheInputs.state(name, layer), seen.state(name, layer ?? 0)] as const);
  return program('teacher', {
    outputs: { [cacheInputs.ids]: ids, [cacheInputs.values]: values, ...Object.fromEntries(kept) },
  });
}

async function speak(
  runner: ModelRunner,
  spoken: Program,
  folder: string,
  options: CacheOptions,
  asked: string,
  tools: StageTools,
): Promise<Pick<CacheManifest, 'files' | 'data'>> {
  const files: CacheManifest['files'] = [];
  const data: string[] = [];
  let pending: HostTensors[] = [];
  for await (const batch of options.data) {
    tools.signal.throwIfAborted();
    pending.push(await runner.run(spoken, { ids: hostIntegers(batch.ids, [options.batch, options.length]) }));
    data.push(batchDigest(batch));
    tools.report({ type: 'progress', done: data.length, total: options.batches, unit: 'batches' });
    const last = data.length === options.batches;
    if (last || (pending.length + 1) * sizeOf(pending[0] ?? {}) > PART_BYTES) {
      const name = `part-${String(files.length).padStart(5, '0')}.safetensors`;
      await writePart(join(folder, name), pending);
      files.push({ name, sha256: (await digestFile(join(folder, name))).sha256, batches: pending.length });
      pending = [];
    }
    if (last) return { files, data };
  }
  const found = `the data ended after ${data.length} of ${options.batches} batches`;
  throw new InputError({ asked, found, fix: 'Give more text, or ask for fewer batches' });
}

function sizeOf(tensors: HostTensors): number {
  return Object.values(tensors).reduce((total, { data }) => total + data.byteLength, 0);
}

/** Tensors of a batch as they are called in a part. */
export function partName(place: number, name: string): string {
  return `${place}/${name}`;
}

async function writePart(path: string, batches: readonly HostTensors[]): Promise<void> {
  const tensors = new Map<string, HostTensor>(
    batches.flatMap((batch, place) =>
      Object.entries(batch).map(([name, tensor]) => [partName(place, name), tensor] as const),
    ),
  );
  const infos = [...tensors].map(([name, { shape, dtype }]) => {
    return { name, type: dtype === 'int32' ? 'I32' : 'F32', shape } as const;
  });
  await writeSafetensors(path, infos, ({ name }) => {
    const { data } = tensors.get(name) ?? { data: new Float32Array() };
    return Promise.resolve(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}
