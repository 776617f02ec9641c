// A cached teacher on disk, read batch by batch. What is not what the manifest says is refused before it is learned from.
import { join } from 'node:path';
import { hostFloats, hostIntegers, type HostTensor } from '../../backend/index.js';
import type { TokenBatch } from '../../data/index.js';
import { InputError } from '../../errors.js';
import { exists, openSafetensors, type Checkpoint } from '../../formats/index.js';
import type { Model } from '../../model/index.js';
import { digestFile, readRunFile } from '../../run/index.js';
import { batchDigest, manifestFile, manifestSchema, modelDigest, type CacheManifest } from './cache-manifest.js';
import { partName } from './cache-teacher.js';
import { cacheInputs } from './model-outputs.js';
import type { TeacherCache } from './teacher-cache.js';

/** A cache whose parts are open one at a time. */
export interface TeacherCacheFolder extends TeacherCache {
  /** Batches it knows. */
  readonly batches: number;
  /** Closes the part that is open; `inputs` opens it again. */
  close(): Promise<void>;
}

/**
 * Opens a cache that `cacheTeacher` made of this teacher, whose weights are read once and not kept. Throws `InputError` for a folder
 * that is incomplete and for a cache of another teacher.
 */
export async function openTeacherCache(folder: string, teacher: Model): Promise<TeacherCacheFolder> {
  const asked = `learn from the cached teacher in "${folder}"`;
  const fix = 'Make the cache anew';
  if (!(await exists(join(folder, manifestFile)))) {
    const found = `it has no ${manifestFile}: it is no cache, or its making was broken off`;
    throw new InputError({ asked, found, fix });
  }
  const manifest = await readRunFile(
    join(folder, manifestFile),
    manifestSchema,
    'Remove the folder of the cache and make it again',
  );
  if (manifest.teacher !== (await modelDigest(teacher))) {
    const found = `its teacher had other weights than "${teacher.folder}"`;
    throw new InputError({ asked, found, fix: 'Give the teacher it was made with, or make the cache anew' });
  }
  const parts = partReader(folder, manifest, asked);
  return {
    teacher: teacher.folder,
    architecture: teacher.architecture,
    topK: manifest.topK,
    vocabulary: manifest.vocabulary,
    states: manifest.states.map(({ name, layer }) => (layer === undefined ? { name } : { name, layer })),
    batches: manifest.data.length,
    close: () => parts.close(),
    async inputs(index, batch) {
      checkBatch(index, batch, manifest, asked);
      const { part, place } = await parts.find(index);
      const names = [
        cacheInputs.ids,
        cacheInputs.values,
        ...manifest.states.map(({ name, layer }) => cacheInputs.state(name, layer)),
      ];
      const read = async (name: string): Promise<readonly [string, HostTensor]> => {
        const own = partName(place, name);
        const shape = part.tensors.get(own)?.shape ?? [];
        if (name !== cacheInputs.ids) return [name, hostFloats(await part.read(own), shape)];
        const bytes = await part.bytes(own);
        return [name, hostIntegers(new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), shape)];
      };
      return Object.fromEntries(await Promise.all(names.map(read)));
    },
  };
}

function checkBatch(index: number, batch: TokenBatch, { data }: CacheManifest, asked: string): void {
  const expected = data[index];
  if (expected === undefined) {
    const fix = 'Make a larger cache, or train on fewer tokens';
    throw new InputError({ asked, found: `it has ${data.length} batches, and the training goes on`, fix });
  }
  if (batchDigest(batch) === expected) return;
  throw new InputError({
    asked,
    found: `batch ${index} (0-based) of the training is not the text that the teacher read`,
    fix: 'Train on the data, seed, batch and length that the cache was made with, or make the cache anew',
  });
}

interface Parts {
  find(index: number): Promise<{ readonly part: Checkpoint; readonly place: number }>;
  close(): Promise<void>;
}

/** One part is open at a time; each is compared with its checksum when it is opened. */
function partReader(folder: string, { files }: CacheManifest, asked: string): Parts {
  let current: { readonly name: string; readonly part: Checkpoint } | undefined;
  return {
    async find(index) {
      let place = index;
      const file = files.find(({ batches }) => {
        if (place < batches) return true;
        place -= batches;
        return false;
      });
      if (file === undefined) throw new InputError({ asked, found: `no file has batch ${index}`, fix: 'Make it anew' });
      if (current?.name !== file.name) {
        await current?.part.close();
        current = undefined;
        const path = join(folder, file.name);
        if ((await digestFile(path)).sha256 !== file.sha256) {
          const found = `"${file.name}" is not as it was written: it was cut short or changed`;
          throw new InputError({ asked, found, fix: 'Copy the cache again, or make it anew' });
        }
        current = { name: file.name, part: await openSafetensors(path) };
      }
      return { part: current.part, place };
    },
    async close() {
      await current?.part.close();
      current = undefined;
    },
  };
}
