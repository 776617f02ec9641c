// What can be told apart: differences beyond noise, and those that are not.
import type { Measured } from '@espalier/core';
import { normalQuantile } from '@espalier/plugins';
import { measureIn, measuresOf, type SummaryRow } from '../engine/summary.js';

/** A share of questions. */
export type Share = Measured & { readonly n: number };

/** Whether a measure is a share of so many questions, so that two of them can be tested for a difference. */
export function isShare(measured: Measured | undefined): measured is Share {
  return measured?.form === 'share' && measured.n !== undefined;
}

/** Whether two shares differ by more than chance explains at 95%: a two-proportion z test with pooled variance. */
export function differ(a: Share, b: Share): boolean {
  const pooled = (a.value * a.n + b.value * b.n) / (a.n + b.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n));
  return Math.abs(a.value - b.value) > normalQuantile * error;
}

/** Whether a measure cannot be told from guessing, or is worse: chance lies within or beyond its interval. */
export function atChance({ interval, chance, better }: Measured): boolean {
  if (!interval || chance === undefined) return false;
  return better === 'lower' ? interval[1] >= chance : interval[0] <= chance;
}

/** The rows whose share is the best or cannot be told from it. Empty where none was measured. */
export function leaders(
  rows: readonly SummaryRow[],
  measure: Pick<Measured, 'evaluator' | 'name'>,
): ReadonlySet<string> {
  const shares = rows.flatMap((row) => {
    const own = measureIn(row, measure);
    return isShare(own) ? [{ name: row.name, own }] : [];
  });
  const best = shares.reduce<Share | undefined>(
    (most, { own }) => (most === undefined || own.value > most.value ? own : most),
    undefined,
  );
  return new Set(shares.filter(({ own }) => best !== undefined && !differ(own, best)).map(({ name }) => name));
}

/** How far one number is from another, and half of the 95% interval of that; null where it cannot be told, as of measures without an interval. */
export interface Gap {
  readonly value: number;
  readonly half: number | null;
}

/** The difference a − b, as of independent measurements: where both are of the same text, as in a run, its interval is rather narrower. */
export function gapBetween(a: Measured, b: Measured): Gap {
  const halves = [a, b].map(({ interval }) => (interval ? (interval[1] - interval[0]) / 2 : null));
  const half = halves.reduce<number | null>(
    (sum, own) => (sum === null || own === null ? null : Math.hypot(sum, own)),
    0,
  );
  return { value: a.value - b.value, half };
}

/** Whether a is better than b; undefined where noise, or too little text, does not let that be said. */
export function isBetter(a: Measured, b: Measured): boolean | undefined {
  if (a.better === undefined) return undefined;
  const { value, half } = gapBetween(a, b);
  const apart = isShare(a) && isShare(b) ? differ(a, b) : half !== null && Math.abs(value) > half;
  return apart ? (a.better === 'lower' ? value < 0 : value > 0) : undefined;
}

/** Whether two timed numbers differ by more than either varied from one timing to the next. */
export function timedApart(a: Measured, b: Measured): boolean {
  const spread = Math.max(...[a, b].map(({ range }) => (range ? range[1] - range[0] : 0)));
  return Math.abs(a.value - b.value) > spread;
}

/** The measures that are worth showing: timed ones only where some model can be told from the first. */
export function shownMeasures(rows: readonly SummaryRow[]): readonly Measured[] {
  const [first] = rows;
  return measuresOf(rows).filter((measure) => {
    if (measure.timed !== true || rows.length < 2) return true;
    const whole = first && measureIn(first, measure);
    return rows.slice(1).some((row) => {
      const own = measureIn(row, measure);
      return own !== undefined && whole !== undefined && timedApart(own, whole);
    });
  });
}
