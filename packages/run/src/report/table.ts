// The table of a comparison, for the terminal.
import { at, ownValue, worseThanChance, type Measured } from '@espalier/core';
import { decidingMeasure, measureIn, measuresOf, type SummaryRow } from '../engine/summary.js';
import { formatCount, formatInteger, formatPercent } from './format.js';
import { shownMeasures } from './significance.js';
import { wrapped } from './wrapped.js';

interface Column {
  readonly title: string;
  /** Which columns stay where there is no room for all: those of the least. */
  readonly rank: number;
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

/** The name of a row that people call by its label, as tables show it; any other text as it is. */
export function rowNamed(text: string): string {
  const [method = '', ...label] = text.replaceAll(/[“”"]/g, '').trim().split(': ');
  const training = Object.entries(labels).find(([, own]) => own.toLowerCase() === label.join(': ').toLowerCase())?.[0];
  return training === undefined ? text : `${method}/${training}`;
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
  // An interval's ends are rounded: 3.01 − 3 is a little less than 0.01.
  return half > 0 ? Math.max(0, -Math.floor(Math.log10(Number(half.toPrecision(6))))) : Infinity;
}

/** Digits of a difference, which is a small number: one more where half of its interval would be rounded to 1 of the last. */
export function gapDigits(half: number): number {
  return digitsFor(half / 2);
}

/** Half of an interval, in one digit: ` ±0.03`; of timings the least and the greatest. Of numbers whose interval cannot be told, the words for it. */
export function spreadText({
  interval,
  range,
  ...form
}: Pick<Measured, 'interval' | 'range' | 'form' | 'digits'>): string {
  if (range) return ` ${range.map((value) => measureText({ ...form, value })).join('–')}`;
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

/** What the numbers of a table do not say by themselves: rows worse than a guess, measures without an interval, speeds that cannot be told apart. */
export function tableNotes(rows: readonly SummaryRow[]): readonly string[] {
  const worse = rows.flatMap(({ name, measures }) =>
    measures
      .filter(worseThanChance)
      .map(
        (own) =>
          `! ${rowLabel(name)}: ${own.label} ${exact(own.value, own)} is worse than a guess, ${exact(own.chance, own)}`,
      ),
  );
  const measures = measuresOf(rows);
  const shown = shownMeasures(rows);
  const unsure = measures.filter((own) => own.interval === null).map(({ label }) => label);
  const alike = measures.filter((own) => !shown.includes(own)).map(({ label }) => label);
  return [
    ...worse,
    ...(unsure.length === 0 ? [] : [`${unsure.join(', ')}: ${tooFew}`]),
    ...(alike.length === 0 ? [] : [`${alike.join(', ')}: the models cannot be told apart by the timings`]),
  ];
}

/** Four digits, so that what is a little worse than a guess looks so. */
function exact(value: number | undefined, { form }: Measured): string {
  if (value === undefined) return '';
  return form === 'share' ? formatPercent(value) : String(Number(value.toPrecision(4)));
}

function columnsOf(rows: readonly SummaryRow[]): readonly Column[] {
  const [first] = rows;
  const deciding = decidingMeasure(rows);
  const measured = shownMeasures(rows).map((own): Column => ({
    title: own.form === 'share' && own.interval ? `${own.label} (95% CI)` : own.label,
    rank: own === deciding ? 1 : own.timed === true ? 8 : own.form === 'share' ? 5 : 7,
    cell: (row) => cellText(measureIn(row, own)),
  }));
  const untrained = rows.some(({ trainingTokens }) => trainingTokens > 0) ? '–' : '';
  const ofSource = cutInSteps(rows)
    ? [{ title: 'of source', rank: 6, cell: (row: SummaryRow) => ofSourceText(row) }]
    : [];
  return [
    { title: 'parameters', rank: 3, cell: ({ parameters }) => formatInteger(parameters) },
    {
      title: first?.name === 'teacher' ? 'of teacher' : 'of the first',
      rank: 2,
      cell: (row) => (first === undefined || row === first ? '' : formatPercent(row.parameters / first.parameters)),
    },
    ...ofSource,
    { title: 'non-emb.', rank: 9, cell: ({ nonEmbeddingParameters }) => formatInteger(nonEmbeddingParameters) },
    ...measured,
    {
      title: 'trained on',
      rank: 4,
      cell: ({ trainingTokens }) => (trainingTokens === 0 ? untrained : formatCount(trainingTokens)),
    },
  ];
}

/** Whether some step cut another model than the first one. */
export function cutInSteps(rows: readonly SummaryRow[]): boolean {
  return rows.some(({ cutFrom }) => cutFrom !== undefined && cutFrom !== rows[0]?.parameters);
}

/** What a row has left of the parameters that its step began with. */
export function ofSourceText({ parameters, cutFrom }: SummaryRow): string {
  return cutFrom === undefined ? '' : formatPercent(parameters / cutFrom);
}

interface Filled {
  readonly title: string;
  readonly rank: number;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Least width that names are cut to. */
const NAME = 12;
const GAP = 2;

/**
 * An aligned table, and below it what its numbers do not say. Columns without a single value are left out; where not all fit into
 * `columns` characters, models go by the names of their rows, the least important columns go, and a line says which. `label` is how a row is called.
 */
export function formatTable(rows: readonly SummaryRow[], columns = Infinity, label = rowLabel): string {
  const all = columnsOf(rows)
    .map(({ title, rank, cell }) => filled(title, rank, rows.map(cell)))
    .filter(({ cells }) => cells.some((own) => own !== ''));
  const long = filled(
    'model',
    0,
    rows.map(({ name }) => label(name)),
  );
  const short = filled(
    'model',
    0,
    rows.map(({ name }) => name),
  );
  const model = widthOf([long, ...all]) <= columns ? long : short;
  const shown = fitting(all, columns - Math.min(model.width, Math.max(NAME, columns / 3)));
  const room = Math.max(NAME, columns - widthOf(shown) - GAP);
  const named = { ...model, width: Math.min(model.width, room), cells: model.cells.map((own) => cutTo(own, room)) };
  const table = [named, ...shown];
  const line = (cells: readonly string[]): string =>
    cells
      .map((own, index) => (index === 0 ? own.padEnd(named.width) : own.padStart(at(table, index).width)))
      .join(' '.repeat(GAP));
  const missing = all.filter((own) => !shown.includes(own)).map(({ title }) => title);
  const notes = [
    ...tableNotes(rows),
    ...(missing.length === 0 ? [] : [`Not in ${columns} columns: ${missing.join(', ')}; report.html has all.`]),
  ];
  return [
    line(table.map(({ title }) => title)),
    line(table.map(({ width }) => '─'.repeat(width))),
    ...rows.map((_, row) => line(table.map(({ cells }) => at(cells, row)))),
    ...notes.flatMap((own) => wrapped(own, columns)),
  ].join('\n');
}

function filled(title: string, rank: number, cells: readonly string[]): Filled {
  return { title, rank, cells, width: Math.max(title.length, ...cells.map((own) => own.length)) };
}

function widthOf(table: readonly Filled[]): number {
  return table.reduce((sum, { width }) => sum + width, GAP * (table.length - 1));
}

/** The columns that fit beside the names, in their order. */
function fitting(all: readonly Filled[], room: number): readonly Filled[] {
  if (widthOf(all) + GAP <= room) return all;
  const last = Math.max(...all.map(({ rank }) => rank));
  const index = all.findLastIndex(({ rank }) => rank === last);
  return all.length <= 1 ? all : fitting(all.toSpliced(index, 1), room);
}

function cutTo(name: string, width: number): string {
  return name.length <= width ? name : `${name.slice(0, width - 1)}…`;
}
