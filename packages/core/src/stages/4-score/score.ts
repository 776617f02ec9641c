// Stage 4: scores from statistics; no model is run.
import type { Model } from '../../model/index.js';
import { stage, type Stage } from '../../pipeline/index.js';
import type { Statistics } from '../3-calibrate/statistics.js';
import { axes, combineScores, observedOf } from './combine-scores.js';
import type { ImportanceScorer, Scores } from './importance-scorer.js';
import { scoreProfile } from './score-profile.js';
import { describeStability, rankStability, type Stability } from './stability.js';

/** What is told about the scores. */
export interface ScoreOptions {
  /** Share of each axis that is kept when the stability of the ranking is told; a half when not given, 0 tells nothing. */
  readonly stabilityAt?: number;
}

/**
 * Scores every axis that one of the scorers knows, and tells how much the ranking owes to the sample. Throws `InputError` as
 * `combineScores` does.
 */
export function score<
  State extends {
    /** The model that was calibrated. */
    readonly teacher: Model;
    /** What the calibration found. */
    readonly statistics: Statistics;
  },
>(
  scorers: readonly ImportanceScorer[],
  { stabilityAt = 0.5 }: ScoreOptions = {},
): Stage<
  State,
  State & {
    /** Of every axis that a scorer knows. */
    readonly scores: Partial<Scores>;
    /** How much of the choice is the sample's doing, by axis; `{}` where it was not looked at. */
    readonly stability: Stability;
  }
> {
  return stage('score', async (state: State, { random }, tools) => {
    const { teacher, statistics } = state;
    const observed = observedOf(teacher, statistics, random.fork('score'));
    const scores = await combineScores(scorers, observed);
    const { samples, tokens } = statistics;
    const known = axes.filter((axis) => scores[axis] !== undefined);
    const message = `scored ${known.join(', ')} on ${samples} samples of ${tokens} tokens in all`;
    const profile = scoreProfile(scores);
    tools.report({ type: 'finding', name: 'scores', message, data: { axes: known, samples, tokens, profile } });
    if (scores.layers !== undefined) {
      const order = `layers by importance, least first (0-based): ${leastFirst(scores.layers).join(', ')}`;
      tools.report({ type: 'finding', name: 'layer-order', message: order, data: { layers: scores.layers } });
    }
    const stability = stabilityAt === 0 ? {} : await rankStability(scorers, observed, stabilityAt);
    if (Object.keys(stability).length > 0) {
      const { changes, verdict } = describeStability(stability, stabilityAt, statistics);
      const kept = Object.entries(stability).map(([axis, own]) => [axis, 1 - own.changed / own.kept] as const);
      tools.report({
        type: 'finding',
        name: 'stability',
        message: `${changes}; ${verdict}`,
        data: {
          folds: statistics.folds.length,
          kept: Object.fromEntries(kept),
          verdict,
          keep: stabilityAt,
          axes: stability,
        },
      });
    }
    return { ...state, scores, stability };
  });
}

function leastFirst(scores: readonly number[]): readonly number[] {
  return [...scores.entries()].sort(([, a], [, b]) => a - b).map(([index]) => index);
}
