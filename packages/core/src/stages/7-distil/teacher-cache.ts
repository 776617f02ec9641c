// A teacher that spoke once and is not needed again: what training reads of a cache. `cache-teacher.ts` makes one,
// `cache-folder.ts` keeps it on disk.
import type { HostTensors } from '../../backend/index.js';
import type { TokenBatch } from '../../data/index.js';
import type { Model } from '../../model/index.js';
import type { CachedTeacherShape } from './step-options.js';

/** What a teacher said about a run of batches. */
export interface TeacherCache extends CachedTeacherShape {
  /** Folder of the teacher, for messages. */
  readonly teacher: string;
  /**
   * What is fed with the batch of a 0-based number (`cacheInputs`). Throws `InputError` when the cache holds another batch under
   * that number, or none.
   */
  inputs(index: number, batch: TokenBatch): Promise<HostTensors>;
}

/** Whether the teacher of a training is a cache. */
export function isTeacherCache(teacher: Model | TeacherCache): teacher is TeacherCache {
  return 'inputs' in teacher;
}
