// The table of a comparison, for the terminal.
import { ownValue, type Measured } from '@espalier/core';
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

/** A measured number as text; a share as per cent, a count in thousands and millions. */
export function measureText({ value, form, digits = 4 }: Pick<Measured, 'value' | 'form' | 'digits'>): string {
  if (form === 'share') return formatPercent(value);
  if (form === 'count') return formatCount(value);
  return value.toFixed(Math.abs(value) < 1000 ? digits : 0);
}

/** A share with its interval; other numbers alone, which leaves room for more of them. */
function cellText(measured: Measured | undefined): string {
  if (measured === undefined) return '';
  const { form, interval } = measured;
  if (form !== 'share' || interval === undefined) return measureText(measured);
  return `${measureText(measured)} (${interval.map((own) => (100 * own).toFixed(0)).join('–')})`;
}

function columnsOf(rows: readonly SummaryRow[]): readonly Column[] {
  const measured = measuresOf(rows).map((own): Column => ({
    title: own.form === 'share' && own.interval !== undefined ? `${own.label} (95% CI)` : own.label,
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

/** An aligned table; columns without a single value are left out. */
export function formatTable(rows: readonly SummaryRow[]): string {
  const shown = columnsOf(rows)
    .map(({ title, cell }) => ({ title, cells: rows.map(cell) }))
    .filter(({ cells }) => cells.some((own) => own !== ''));
  const widths = shown.map(({ title, cells }) => Math.max(title.length, ...cells.map((own) => own.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((own, index) => (index === 0 ? own.padEnd(widths[0] ?? 0) : own.padStart(widths[index] ?? 0))).join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [
    line(shown.map(({ title }) => title)),
    rule,
    ...rows.map((_, row) => line(shown.map(({ cells }) => cells[row] ?? ''))),
  ].join('\n');
}
