// What a search needs to try a candidate: how it is cut out, trained and judged, and where a trial is kept. How long trials are
// and who goes on is the strategy's to say.
import type { TokenBatches } from '../../data/index.js';
import type { Model } from '../../model/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import type { Pruner } from '../6-prune/pruner.js';
import type { TrainingCheckpoint } from '../7-distil/checkpoint.js';
import type { Schedule } from '../7-distil/optimizer.js';
import type { TrainOptions } from '../7-distil/train-options.js';

/** What a candidate is trained with and judged by. */
export interface Trial {
  /** The model whose distributions are learnt. */
  readonly teacher: Model;
  /** Cuts candidates out of the source. */
  readonly pruner: Pruner;
  /** Importance of the source's parts. */
  readonly scores: Partial<Scores>;
  /** As the distillation that follows, except for its length. */
  readonly training: Omit<TrainOptions, 'tokens' | 'data' | 'schedule' | 'evaluation' | 'checkpoint' | 'stop'>;
  /** Learning rates for a student of this hidden size. */
  schedule(hidden: number): Schedule;
  /** Training text, the same at each call, so that candidates differ by their shape alone. */
  text(): TokenBatches;
  /** Some batches of other text, the same at each call, of the size of the training batches. */
  validation(): TokenBatches;
  /** Keeps trials, so that a search that was stopped goes on where it was; kept in memory for one search when not given. */
  readonly store?: TrialStore;
}

/** Where the trials of one search are kept, by a key of letters, digits and dashes. Another search needs another store. */
export interface TrialStore {
  /** What was kept last under the key, or `undefined`. */
  load(key: string): Promise<KeptTrial | undefined>;
  /** Keeps it whole or not at all, in place of what was there. */
  save(key: string, trial: KeptTrial): Promise<void>;
}

/** A candidate as its last trial left it: enough to train on as if nothing had happened. */
export interface KeptTrial {
  /** Parameters and moments where the last trial ended. */
  readonly checkpoint: TrainingCheckpoint;
  /** Validation losses after each rung so far: one list of a loss per batch for each. */
  readonly rungs: readonly (readonly number[])[];
}

/** Trials in memory, for as long as the object lives. */
export function memoryStore(): TrialStore {
  const kept = new Map<string, KeptTrial>();
  return {
    load: (key) => Promise.resolve(kept.get(key)),
    save: (key, trial) => Promise.resolve(void kept.set(key, trial)),
  };
}
