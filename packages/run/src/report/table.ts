// The table of a comparison, for the terminal.
import { ownValue } from '@espalier/core';
import type { SummaryRow } from '../engine/summary.js';
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

const columns: readonly Column[] = [
  { title: 'model', cell: ({ name }) => rowLabel(name) },
  { title: 'parameters', cell: ({ parameters }) => formatInteger(parameters) },
  { title: 'non-emb.', cell: ({ nonEmbeddingParameters }) => formatInteger(nonEmbeddingParameters) },
  { title: 'loss', cell: ({ loss }) => loss.toFixed(4) },
  { title: 'perplexity', cell: ({ perplexity }) => perplexity.toFixed(perplexity < 1000 ? 2 : 0) },
  { title: 'cloze (95% CI)', cell: ({ cloze }) => (cloze === undefined ? '' : clozeCell(cloze)) },
  { title: 'tokens/s', cell: ({ tokensPerSecond }) => formatCount(tokensPerSecond) },
  { title: 'trained on', cell: ({ trainingTokens }) => (trainingTokens === 0 ? '–' : formatCount(trainingTokens)) },
];

function clozeCell({ accuracy, confidence: [low, high] }: NonNullable<SummaryRow['cloze']>): string {
  return `${formatPercent(accuracy)} (${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})`;
}

/** An aligned table; columns without a single value are left out. */
export function formatTable(rows: readonly SummaryRow[]): string {
  const shown = columns
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
