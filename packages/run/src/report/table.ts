// The table of a comparison, for the terminal.
import { at, ownValue, worseThanChance, type Measured } from '@espalier/core';
import { measureIn, measuresOf, type SummaryRow } from '../engine/summary.js';
import { formatCount, formatInteger, formatPercent } from './format.js';

interface Column {
  readonly title: string;
  cell(row: SummaryRow): string;
}

const labels: Readonly<Record<string, string>> = {
  pruned: 'pruned, no retraining',
  distilled: 'pruned + distilled',
  'lm-loss': 'pruned + LM loss',
  scratch: 'same shape from scratch',
};

/** A row's name for people: `width: pruned + distilled`. */
export function rowLabel(name: string): string {
  const [method = '', training] = name.split('/');
  return training === undefined ? method : `${method}: ${ownValue(labels, training) ?? training}`;
}

/** A measured number as text, with no more digits than its interval supports; a share as per cent, a count in thousands and millions. */
export function measureText({
  value,
  form,
  digits = 4,
  interval,
}: Pick<Measured, 'value' | 'form' | 'digits' | 'interval'>): string {
  // How sure it is cannot be said: three digits, as are usual, promise little.
  const half = interval === null ? Math.abs(value) / 100 : interval ? (interval[1] - interval[0]) / 2 : 0;
  if (form === 'share') return formatPercent(value, Math.min(1, digitsFor(100 * half)));
  if (form === 'count') return formatCount(value);
  return value.toFixed(Math.abs(value) < 1000 ? Math.min(digits, digitsFor(half)) : 0);
}

/** Digits after the point down to the first that half of an interval moves: 2 for 0.03; as many as there are for none. */
export function digitsFor(half: number): number {
  return half > 0 ? Math.max(0, -Math.floor(Math.log10(half))) : Infinity;
}

/** Half of an interval, in one digit: ` ±0.03`. Of numbers whose interval cannot be told, the words for it. */
export function spreadText({ interval }: Pick<Measured, 'interval'>): string {
  if (interval === undefined) return '';
  if (interval === null) return ` (${tooFew})`;
  const half = (interval[1] - interval[0]) / 2;
  return half > 0 ? ` ±${half.toFixed(Math.min(20, digitsFor(half)))}` : '';
}

/** Where an interval would be. */
export const tooFew = 'too few documents to say how sure';

/** A share with its interval; other numbers alone, which leaves room for more of them. */
function cellText(measured: Measured | undefined): string {
  if (measured === undefined) return '';
  const { form, interval } = measured;
  const own = `${worseThanChance(measured) ? '! ' : ''}${measureText(measured)}`;
  if (form !== 'share' || !interval) return own;
  return `${own} (${interval.map((end) => (100 * end).toFixed(0)).join('–')})`;
}

/** What the numbers of a table do not say by themselves: rows worse than a guess, measures without an interval. */
export function tableNotes(rows: readonly SummaryRow[]): readonly string[] {
  const worse = rows.flatMap(({ name, measures }) =>
    measures
      .filter(worseThanChance)
      .map(
        (own) =>
          `! ${rowLabel(name)}: ${own.label} ${exact(own.value, own)} is worse than a guess, ${exact(own.chance, own)}`,
      ),
  );
  const unsure = measuresOf(rows).filter((own) => own.interval === null);
  return unsure.length === 0 ? worse : [...worse, `${unsure.map(({ label }) => label).join(', ')}: ${tooFew}`];
}

/** Four digits, so that what is a little worse than a guess looks so. */
function exact(value: number | undefined, { form }: Measured): string {
  if (value === undefined) return '';
  return form === 'share' ? formatPercent(value) : String(Number(value.toPrecision(4)));
}

function columnsOf(rows: readonly SummaryRow[]): readonly Column[] {
  const measured = measuresOf(rows).map((own): Column => ({
    title: own.form === 'share' && own.interval ? `${own.label} (95% CI)` : own.label,
    cell: (row) => cellText(measureIn(row, own)),
  }));
  return [
    { title: 'model', cell: ({ name }) => rowLabel(name) },
    { title: 'parameters', cell: ({ parameters }) => formatInteger(parameters) },
    { title: 'non-emb.', cell: ({ nonEmbeddingParameters }) => formatInteger(nonEmbeddingParameters) },
    ...measured,
    { title: 'trained on', cell: ({ trainingTokens }) => (trainingTokens === 0 ? '–' : formatCount(trainingTokens)) },
  ];
}

/** An aligned table, and below it what its numbers do not say; columns without a single value are left out. */
export function formatTable(rows: readonly SummaryRow[]): string {
  const shown = columnsOf(rows)
    .map(({ title, cell }) => ({ title, cells: rows.map(cell) }))
    .filter(({ cells }) => cells.some((own) => own !== ''));
  const widths = shown.map(({ title, cells }) => Math.max(title.length, ...cells.map((own) => own.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((own, index) => (index === 0 ? own.padEnd(at(widths, 0)) : own.padStart(at(widths, index)))).join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [
    line(shown.map(({ title }) => title)),
    rule,
    ...rows.map((_, row) => line(shown.map(({ cells }) => at(cells, row)))),
    ...tableNotes(rows),
  ].join('\n');
}
