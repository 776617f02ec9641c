// What the numbers allow to be said. A difference within noise names no winner.
import { worseThanChance, type Measured } from '@espalier/core';
import { decidingMeasure, measureIn, measuresOf, type SummaryRow } from '../engine/summary.js';
import { formatInteger, formatPercent } from './format.js';
import { measureText, rowLabel, tooFew } from './table.js';

/** A share of questions. */
type Share = Measured & { readonly n: number };

/** Whether a measure is a share of so many questions, so that two of them can be tested for a difference. */
export function isShare(measured: Measured | undefined): measured is Share {
  return measured?.form === 'share' && measured.n !== undefined;
}

/** Whether two shares differ by more than chance explains at 95%: a two-proportion z test with pooled variance. */
export function differ(a: Share, b: Share): boolean {
  const pooled = (a.value * a.n + b.value * b.n) / (a.n + b.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n));
  return Math.abs(a.value - b.value) > 1.96 * error;
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

/** The student to speak of: of those that learned from the teacher (of all trained ones, if none did), the best by the deciding measure. */
export function bestStudent(rows: readonly SummaryRow[]): SummaryRow | undefined {
  const deciding = decidingMeasure(rows);
  const trained = rows.slice(1).filter(({ trainingTokens }) => trainingTokens > 0);
  const distilled = trained.filter(({ name }) => name.endsWith('/distilled'));
  const candidates = distilled.length > 0 ? distilled : trained;
  if (deciding === undefined) return candidates[0];
  const sign = deciding.better === 'lower' ? 1 : -1;
  const worth = (row: SummaryRow): number => sign * (measureIn(row, deciding)?.value ?? sign * Infinity);
  return candidates.reduce<SummaryRow | undefined>(
    (best, row) => (best === undefined || worth(row) < worth(best) ? row : best),
    undefined,
  );
}

/** The result in a few sentences, of measured numbers only. */
export function verdict(rows: readonly SummaryRow[]): readonly string[] {
  const [teacher] = rows;
  const student = bestStudent(rows);
  if (teacher === undefined || student === undefined) return [];
  const kept = `“${rowLabel(student.name)}” keeps ${formatInteger(student.parameters)} of the teacher's ${formatInteger(teacher.parameters)} parameters (${formatPercent(student.parameters / teacher.parameters)}).`;
  const deciding = decidingMeasure(rows);
  const compared = measuresOf(rows).flatMap((measure) => {
    const [own, whole] = [measureIn(student, measure), measureIn(teacher, measure)];
    if (own === undefined || whole === undefined) return [];
    if (isShare(own) && isShare(whole)) return [shareSentence(own, whole)];
    if (measure.evaluator !== deciding?.evaluator || measure.name !== deciding.name) return [];
    const gap = own.value - whole.value;
    const apart = measureText({ ...own, value: Math.abs(gap) });
    const unsure = own.interval === null ? `, and there are ${tooFew}` : '';
    return [
      `Its ${own.label} is ${measureText(own)}, the teacher's ${measureText(whole)}: ${apart} ${gap >= 0 ? 'more' : 'less'}${unsure}.`,
    ];
  });
  const worse = measuresOf([student]).filter(worseThanChance);
  const guesses = worse.map(({ label }) => `Its ${label} is worse than that of a guess.`);
  return [kept, ...compared, ...guesses];
}

function shareSentence(own: Share, whole: Share): string {
  const compared = differ(own, whole)
    ? `a difference beyond noise at ${own.n} questions`
    : `within noise of each other at ${own.n} questions`;
  const chance = own.chance === undefined ? '' : ` (chance ${formatPercent(own.chance)})`;
  return `On ${own.label} it answers ${measureText(own)} right, the teacher ${measureText(whole)}: ${compared}${chance}.`;
}
