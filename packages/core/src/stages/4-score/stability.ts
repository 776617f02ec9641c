// Rank stability: how much the choice of what is kept owes to the sample. Each fold is left out in turn (the jackknife), and
// what would then be kept is compared with what the whole sample keeps.
import type { Architecture } from '../../model/index.js';
import { withoutFold, type Statistics } from '../3-calibrate/statistics.js';
import type { ImportanceScorer, Observed, Scores } from './importance-scorer.js';
import { combineScores } from './combine-scores.js';
import { present } from '../../look-up.js';

/** Of one axis. A type, not an interface: only those are known to have no other members, as JSON demands. */
export type AxisStability = {
  /** Units kept by the whole sample, over all layers where the axis is per layer. */
  readonly kept: number;
  /** How many of them change when a fold is left out: mean over the folds. */
  readonly changed: number;
  /** The most that change for any fold. */
  readonly worst: number;
  /** Share of the kept that would be others if the sample were endless: √(folds − 1) · changed / kept. */
  readonly expected: number;
};

/** By axis. */
export type Stability = Readonly<Record<string, AxisStability>>;

/** Above this share, a sample is called too small. */
export const STABLE = 0.05;

/**
 * Stability when the share `keep` of every axis is kept (heads within their key/value groups, as they are pruned). Scorers that
 * observe nothing are left out: no sample moves them. `{}` for fewer than two folds. Throws `InputError` as `combineScores`.
 *
 * Source of `expected`: leaving out one of F folds moves a mean over n samples by σ/√n · 1/√(F − 1), and an endless sample
 * would move it by σ/√n; where scores lie densely, the units that cross the line are as many as the move is long.
 */
export async function rankStability(
  scorers: readonly ImportanceScorer[],
  observed: Observed,
  keep: number,
): Promise<Stability> {
  const { architecture, statistics } = observed;
  const { folds } = statistics;
  const sampled = scorers.filter((scorer) => scorer.observe(architecture).length > 0);
  if (folds.length < 2 || sampled.length === 0) return {};
  const whole = keptUnits(await combineScores(sampled, observed), architecture, keep);
  const parts: ReadonlyMap<string, ReadonlySet<string>>[] = [];
  for (const fold of folds.keys()) {
    const scores = await combineScores(sampled, { ...observed, statistics: withoutFold(statistics, fold) });
    parts.push(keptUnits(scores, architecture, keep));
  }
  const rows = [...whole].map(([axis, units]): [string, AxisStability] => {
    const own = parts.map((part) => {
      const other = present(part.get(axis), `axis ${axis} of the scores without a fold`);
      return [...units].filter((unit) => !other.has(unit)).length;
    });
    const changed = own.reduce((a, b) => a + b, 0) / folds.length;
    const expected = Math.min(1, (Math.sqrt(folds.length - 1) * changed) / Math.max(1, units.size));
    return [axis, { kept: units.size, changed, worst: Math.max(...own), expected }];
  });
  return Object.fromEntries(rows);
}

/** The kept units of every scored axis, as `list/index`. */
function keptUnits(scores: Partial<Scores>, { sizes }: Architecture, keep: number): ReadonlyMap<string, Set<string>> {
  const groupSize = sizes.heads / sizes.kvHeads;
  const axes = Object.entries(scores).map(([axis, own]: [string, readonly (number | readonly number[])[]]) => {
    const lists = typeof own[0] === 'number' ? [own as readonly number[]] : (own as readonly (readonly number[])[]);
    const grouped = axis === 'heads' && groupSize > 1 ? lists.flatMap((list) => cut(list, groupSize)) : lists;
    const units = grouped.flatMap((list, number) => {
      const count = Math.max(1, Math.round(keep * list.length));
      return best(list, count).map((index) => `${number}/${index}`);
    });
    return [axis, new Set(units)] as const;
  });
  return new Map(axes);
}

function cut(list: readonly number[], size: number): readonly (readonly number[])[] {
  return Array.from({ length: list.length / size }, (_, part) => list.slice(part * size, (part + 1) * size));
}

function best(list: readonly number[], count: number): readonly number[] {
  const order = [...list.entries()].sort(([, a], [, b]) => b - a).map(([index]) => index);
  return order.slice(0, count);
}

/** What changes without a fold, in words, and whether the sample is large enough. */
export function describeStability(
  stability: Stability,
  keep: number,
  { samples, folds }: Pick<Statistics, 'samples' | 'folds'>,
): { readonly changes: string; readonly verdict: string } {
  const axes = Object.entries(stability);
  const rows = axes.map(
    ([axis, { kept, changed, expected }]) =>
      `${axis} ${Number(changed.toPrecision(2))} of ${kept} (an endless sample: ${percent(expected)})`,
  );
  const unstable = axes.filter(([, { expected }]) => expected > STABLE);
  const worst = Math.max(0, ...axes.map(([, { expected }]) => expected));
  // The expected share falls as 1/√samples.
  const wanted = 2 ** Math.ceil(Math.log2((worst / STABLE) ** 2));
  const verdict =
    unstable.length === 0
      ? 'the sample is large enough'
      : `the sample is small for ${unstable.map(([axis]) => axis).join(', ')}: about ${wanted * samples} samples would bring that to ${percent(STABLE)}`;
  const setting = `with ${percent(keep)} of each axis kept, these change when one of ${folds.length} folds of ${samples} samples is left out`;
  return { changes: `${setting}: ${rows.join(', ')}`, verdict };
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
