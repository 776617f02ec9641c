// What a pruner is, and the ranking that all of them share.
import type { Architecture, PrunePlan } from '../../model/index.js';
import type { Scores } from '../4-score/importance-scorer.js';

/** Chooses what stays. */
export interface Pruner {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** Name of the search whose shapes it makes, for a step that names none; `proportional-width` when not given. */
  readonly search?: string;
  /** What to keep, so that the target's sizes are left. Throws `InputError` for a missing score and a shape it cannot make. */
  plan(architecture: Architecture, scores: Partial<Scores>, target: Architecture): PrunePlan;
}

/** The order in which kept units stand in the student: as in the teacher, or the most important first (NVIDIA's). */
export type KeptOrder = 'original' | 'importance';

/** 0-based indices by descending score; of equals, the lower index first. */
export function ranking(scores: readonly number[]): readonly number[] {
  return [...scores.entries()].sort(([, a], [, b]) => b - a).map(([index]) => index);
}

/** The 0-based indices of the `count` highest scores, in ascending order or, with `importance`, by descending score. */
export function keepBest(scores: readonly number[], count: number, order: KeptOrder = 'original'): readonly number[] {
  const best = ranking(scores).slice(0, count);
  return order === 'importance' ? best : best.toSorted((a, b) => a - b);
}
