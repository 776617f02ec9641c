// What the numbers allow to be said. A difference within noise names no winner.
import { formatInteger, formatPercent } from './format.js';
import { rowLabel } from './table.js';
import type { SummaryRow } from '../engine/summary.js';

type Cloze = NonNullable<SummaryRow['cloze']>;

/** Whether two shares differ by more than chance explains at 95%: a two-proportion z test with pooled variance. */
export function differ(a: Cloze, b: Cloze): boolean {
  const pooled = (a.accuracy * a.n + b.accuracy * b.n) / (a.n + b.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n));
  return Math.abs(a.accuracy - b.accuracy) > 1.96 * error;
}

/** Whether the accuracy cannot be told from guessing: chance lies within its interval. */
export function atChance({ confidence: [low], chance }: Cloze): boolean {
  return low <= chance;
}

/** The rows whose accuracy is the best or cannot be told from it. Empty where none was measured. */
export function leaders(rows: readonly SummaryRow[]): ReadonlySet<string> {
  const best = rows.reduce<Cloze | undefined>(
    (most, { cloze }) => (cloze !== undefined && (most === undefined || cloze.accuracy > most.accuracy) ? cloze : most),
    undefined,
  );
  const within = rows.filter(({ cloze }) => cloze !== undefined && best !== undefined && !differ(cloze, best));
  return new Set(within.map(({ name }) => name));
}

/** The student to speak of: of those that learned from the teacher (of all trained ones, if none did), that of lowest loss. */
export function bestStudent(rows: readonly SummaryRow[]): SummaryRow | undefined {
  const trained = rows.slice(1).filter(({ trainingTokens }) => trainingTokens > 0);
  const distilled = trained.filter(({ name }) => name.endsWith('/distilled'));
  return (distilled.length > 0 ? distilled : trained).reduce<SummaryRow | undefined>(
    (best, row) => (best === undefined || row.loss < best.loss ? row : best),
    undefined,
  );
}

/** The result in two or three sentences, of measured numbers only. */
export function verdict(rows: readonly SummaryRow[]): readonly string[] {
  const [teacher] = rows;
  const student = bestStudent(rows);
  if (teacher === undefined || student === undefined) return [];
  const gap = student.loss - teacher.loss;
  const sentences = [
    `“${rowLabel(student.name)}” keeps ${formatInteger(student.parameters)} of the teacher's ${formatInteger(teacher.parameters)} parameters (${formatPercent(student.parameters / teacher.parameters)}).`,
    `Its held-out loss is ${student.loss.toFixed(4)}, the teacher's ${teacher.loss.toFixed(4)}: ${Math.abs(gap).toFixed(4)} nats per token ${gap >= 0 ? 'more' : 'less'}.`,
  ];
  if (teacher.cloze === undefined || student.cloze === undefined) return sentences;
  const [own, whole] = [formatPercent(student.cloze.accuracy), formatPercent(teacher.cloze.accuracy)];
  const compared = differ(student.cloze, teacher.cloze)
    ? `a difference beyond noise at ${student.cloze.n} questions`
    : `within noise of each other at ${student.cloze.n} questions`;
  return [
    ...sentences,
    `On the cloze task it answers ${own} right, the teacher ${whole}: ${compared} (chance ${formatPercent(student.cloze.chance)}).`,
  ];
}
