// The result in a few sentences, of measured numbers only, about the model that the run is for. What is not known is said to be so.
import { worseThanChance, type Measured } from '@espalier/core';
import { decidingMeasure, measureIn, measuresOf, type SummaryRow } from '../engine/summary.js';
import { usualTokensPerParameter } from '../steps/step-schema.js';
import { formatCount, formatInteger, formatPercent } from './format.js';
import type { ReportData } from './report-data.js';
import { prunedOf } from './row-names.js';
import { differ, gapBetween, isBetter, isShare, timedApart, type Share } from './significance.js';
import { gapDigits, measureText, rowLabel, tooFew } from './table.js';

/** What a verdict is made of: the rows, and which of them the run is for. */
export type Judged = Pick<ReportData, 'rows' | 'answer'>;

/** The row that the run is for; undefined where it was not measured. */
export function answered({ rows, answer }: Judged): SummaryRow | undefined {
  return answer && rows.find(({ name }) => name === answer.row);
}

/** Trained models no larger than the one that the run is for, and better by the deciding measure beyond noise, best first. */
export function betterRows(judged: Judged): readonly SummaryRow[] {
  const own = answered(judged);
  const deciding = decidingMeasure(judged.rows);
  const mine = own && deciding && measureIn(own, deciding);
  if (own === undefined || deciding === undefined || mine === undefined) return [];
  const sign = deciding.better === 'lower' ? 1 : -1;
  return judged.rows
    .flatMap((row) => {
      const other = measureIn(row, deciding);
      const fits = row.trainingTokens > 0 && row.parameters <= own.parameters;
      return fits && other !== undefined && isBetter(other, mine) === true ? [{ row, value: sign * other.value }] : [];
    })
    .toSorted((a, b) => a.value - b.value)
    .map(({ row }) => row);
}

/** The sentences. None where the run has no model of its own yet. */
export function verdict(judged: Judged): readonly string[] {
  const { rows } = judged;
  const [teacher] = rows;
  const student = answered(judged);
  if (teacher === undefined || student === undefined) return [];
  const deciding = decidingMeasure(rows);
  const compared = measuresOf(rows).flatMap((measure) => {
    const [own, whole] = [measureIn(student, measure), measureIn(teacher, measure)];
    if (own === undefined || whole === undefined) return [];
    if (isShare(own) && isShare(whole)) return [shareSentence(own, whole)];
    return measure === deciding ? [gapSentence(own, whole)] : [];
  });
  const guesses = measuresOf([student])
    .filter(worseThanChance)
    .map(({ label }) => `Its ${label} is worse than that of a guess.`);
  const better = betterRows(judged).map((row) => betterSentence(row, student, deciding));
  // A model that was pretrained alone has nothing to be compared with.
  if (student === teacher) return [...guesses, ...tokensSentence(student)];
  // What such a teacher teaches leads away from the text: more of it does not help, and what it cost to prune says nothing.
  const ignorant = measuresOf([teacher]).find(worseThanChance);
  return [
    keptSentence(student, teacher),
    ...compared,
    ...guesses,
    ...(ignorant === undefined
      ? [...closedSentence(judged, student, teacher), ...tokensSentence(student)]
      : [
          `The teacher itself is worse than a guess by ${ignorant.label}: it does not know this text. Let it write the text (data: teacher), learn it first (distillation.correction), or train on the text alone (losses: cross-entropy).`,
        ]),
    ...speedSentences(rows, student, teacher),
    ...better,
  ];
}

function keptSentence({ name, parameters, cutFrom }: SummaryRow, teacher: SummaryRow): string {
  const before =
    cutFrom === undefined || cutFrom === teacher.parameters
      ? ''
      : `, and ${formatPercent(parameters / cutFrom)} of the ${formatInteger(cutFrom)} that its step began with`;
  return `“${rowLabel(name)}” keeps ${formatPercent(parameters / teacher.parameters)} of the parameters: ${formatInteger(parameters)} of the teacher's ${formatInteger(teacher.parameters)}${before}.`;
}

/** A difference with no more digits than its interval supports: `0.81 (95% ±0.02)`. */
function gapText(own: Measured, other: Measured): string {
  const { value, half } = gapBetween(own, other);
  if (half === null) return measureText({ ...own, value: Math.abs(value) });
  const digits = Math.min(own.digits ?? 4, gapDigits(half));
  return `${Math.abs(value).toFixed(digits)} (95% ±${half.toFixed(digits)})`;
}

function gapSentence(own: Measured, whole: Measured): string {
  const said = `Its ${own.label} is ${measureText(own)}`;
  const { value, half } = gapBetween(own, whole);
  const side = `${value >= 0 ? 'more' : 'less'} than the teacher's ${measureText(whole)}`;
  if (half === null)
    return `${said}, ${gapText(own, whole)} ${side}${own.interval === null ? `; there are ${tooFew}` : ''}.`;
  const noise = isBetter(own, whole) === undefined ? ', which is within noise' : '';
  return `${said}, ${gapText(own, whole)} ${side}${noise}.`;
}

function shareSentence(own: Share, whole: Share): string {
  const compared = differ(own, whole)
    ? `more apart than ${own.n} questions leave uncertain`
    : `too close to be told apart by ${own.n} questions`;
  const chance = own.chance === undefined ? '' : ` (chance ${formatPercent(own.chance)})`;
  return `On ${own.label} it answers ${measureText(own)} right, the teacher ${measureText(whole)}: ${compared}${chance}.`;
}

/** How much of what pruning cost the training gave back, by the deciding measure. */
function closedSentence({ rows, answer }: Judged, student: SummaryRow, teacher: SummaryRow): readonly string[] {
  const deciding = decidingMeasure(rows);
  const pruned = rows.find(({ name }) => name === prunedOf(student.name));
  if (deciding === undefined || pruned === undefined) return [];
  const [before, after, whole] = [pruned, student, teacher].map((row) => measureIn(row, deciding));
  if (before === undefined || after === undefined || whole === undefined) return [];
  const training =
    answer?.taught === undefined ? 'Training' : answer.taught ? 'Distillation' : 'Retraining on the text alone';
  const sign = deciding.better === 'lower' ? 1 : -1;
  const cost = sign * (before.value - whole.value);
  const gained = sign * (before.value - after.value);
  const from = `(${deciding.label} ${measureText(before)} right after it)`;
  if (cost <= 0) return [`Pruning alone cost no ${deciding.label} ${from}.`];
  if (gained <= 0) return [`${training} gave back nothing of what pruning cost ${from}.`];
  const share = gained >= cost ? 'all' : `${Math.floor((100 * gained) / cost)}%`;
  return [`${training} closed ${share} of what pruning cost ${from}.`];
}

/** What was timed and is not better by more than it varies: a smaller model that is no faster saves memory alone. */
function speedSentences(rows: Judged['rows'], student: SummaryRow, teacher: SummaryRow): readonly string[] {
  return measuresOf(rows).flatMap((measure) => {
    const [own, whole] = [measureIn(student, measure), measureIn(teacher, measure)];
    if (measure.timed !== true || own === undefined || whole === undefined) return [];
    const faster = own.better === 'higher' ? own.value > whole.value : own.value < whole.value;
    const numbers = `${own.label} ${measureText(own)}, the teacher's ${measureText(whole)}`;
    if (!timedApart(own, whole))
      return [
        `Whether it is faster than the teacher on this machine cannot be told: ${numbers}, and repeated timings differ by as much.`,
      ];
    return faster ? [] : [`It is slower than the teacher on this machine: ${numbers}.`];
  });
}

/** Tokens against `usualTokensPerParameter`. */
function tokensSentence({ trainingTokens, parameters }: SummaryRow): readonly string[] {
  if (trainingTokens === 0) return [];
  const share = trainingTokens / (usualTokensPerParameter * parameters);
  const usual = `the usual ${usualTokensPerParameter} tokens per parameter (Minitron: 11 to 22)`;
  const said = `It was trained on ${formatCount(trainingTokens)} tokens`;
  if (share >= 0.995) return [`${said}, ${share < 1.05 ? 'as many as' : `${share.toFixed(1)} times`} ${usual}.`];
  const part = share < 0.001 ? 'less than 0.1%' : formatPercent(share, share < 0.1 ? 1 : 0);
  return [`${said}, ${part} of ${usual}: more usually help.`];
}

function betterSentence(row: SummaryRow, student: SummaryRow, deciding: Measured | undefined): string {
  const [own, mine] = [deciding && measureIn(row, deciding), deciding && measureIn(student, deciding)];
  const size =
    row.parameters === student.parameters ? 'at the same size' : `with ${formatInteger(row.parameters)} parameters`;
  const numbers = own && mine ? `: ${own.label} ${measureText(own)}, better by ${gapText(own, mine)}` : '';
  return `“${rowLabel(row.name)}” is better ${size}${numbers}.`;
}
