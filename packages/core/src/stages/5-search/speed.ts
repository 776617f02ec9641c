// Whether a smaller shape is also a faster one on this machine: measured where that is quick, by rule elsewhere.
import { forwardFlops } from '../../cost/index.js';
import type { Workload } from '../../cost/memory.js';
import type { Architecture, ModelShape } from '../../model/index.js';
import type { Timer, Timing } from './timer.js';

/** Shapes are taken to differ in speed from this ratio on, or from what runs differ among themselves. */
const NOISE = 0.03;

export interface SpeedComparison {
  readonly before: Timing;
  readonly after: Timing;
  /** Time before / time after; above 1 = faster. */
  readonly speedUp: number;
  /** How far `speedUp` must be above 1 to count. */
  readonly margin: number;
}

/** Measures both shapes. */
export async function compareSpeed(before: Architecture, after: Architecture, timer: Timer): Promise<SpeedComparison> {
  const [slow, fast] = [await timer(before), await timer(after)];
  const margin = Math.max(NOISE, slow.spread / 2, fast.spread / 2);
  return { before: slow, after: fast, speedUp: slow.milliseconds / fast.milliseconds, margin };
}

/** What speaks against a shape being faster, from numbers alone; layer and head counts that change nothing are named. */
export function speedDoubts(before: ModelShape, after: ModelShape, { length }: Workload): readonly string[] {
  const [old, own] = [before.architecture, after.architecture];
  const doubts: string[] = [];
  const work = 1 - forwardFlops(after, length) / forwardFlops(before, length);
  if (work < NOISE) {
    doubts.push(`only ${(100 * work).toFixed(1)}% of the operations of a forward pass over ${length} tokens go`);
  }
  for (const size of ['hidden', 'ffn'] as const) {
    const now = own.sizes[size];
    const step = old.sizes[size] >= 2048 ? 64 : 4;
    if (now < old.sizes[size] && now % step !== 0) {
      doubts.push(`${size} ${now} is no multiple of ${step}: matrix kernels pad it, or run their slow edge`);
    }
  }
  if (own.sizes.heads < old.sizes.heads && own.sizes.kvHeads === old.sizes.kvHeads) {
    doubts.push('fewer query heads leave the key/value cache as it is: generation reads as much memory per token');
  }
  return doubts;
}
