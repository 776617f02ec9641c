import type { Measured } from '@espalier/core';
import { expect, test } from 'vitest';
import type { SummaryRow } from '../engine/summary.js';
import { reportHtml } from './report-html.js';
import { formatTable, measureText, rowLabel, rowNamed, spreadText } from './table.js';

const loss: Measured = { evaluator: 'perplexity', name: 'loss', label: 'loss', value: 2.1215, better: 'lower' };
const cloze: Measured = { ...loss, evaluator: 'cloze', name: 'accuracy', label: 'cloze', form: 'share', value: 0.6316 };
const row = (measures: readonly Measured[], name = 'teacher'): SummaryRow => ({
  name,
  parameters: 10,
  nonEmbeddingParameters: 5,
  measures,
  trainingTokens: name === 'teacher' ? 0 : 100,
});

test.each([
  [0.03, '2.12'],
  [0.3, '2.1'],
  [0.099, '2.12'],
  [0.0004, '2.1215'],
  [0.000001, '2.1215'],
  [3, '2'],
])('a loss known to ±%f is written as %s', (half, text) => {
  expect(measureText({ ...loss, interval: [2.1215 - half, 2.1215 + half] })).toBe(text);
});

test('a share known to a few per cent has no digit after the point, one known better has one', () => {
  expect(measureText({ ...cloze, interval: [0.59, 0.67] })).toBe('63%');
  expect(measureText({ ...cloze, interval: [0.63, 0.633] })).toBe('63.2%');
});

test('a number without an interval of its kind has all digits, one whose interval cannot be told has three', () => {
  expect(measureText(loss)).toBe('2.1215');
  expect(measureText({ ...loss, interval: null })).toBe('2.12');
  expect(measureText({ ...loss, digits: 2, value: 55.5, interval: null })).toBe('55.5');
  expect(spreadText({ interval: null })).toContain('too few documents to say');
  expect(spreadText({ interval: [2.09, 2.15] })).toBe(' ±0.03');
  expect(spreadText({})).toBe('');
});

test('table and report say where an interval cannot be told', () => {
  const rows = [row([{ ...loss, interval: null }]), row([{ ...loss, interval: null }], 'width/distilled')];
  expect(formatTable(rows)).toContain('loss: too few documents to say how sure');
  expect(reported(rows)).toContain('too few documents to say how sure');
});

test('table and report remark a model that is worse than a guess, and no other', () => {
  const worse: Measured = { ...loss, value: 4.6, chance: 4.5643, interval: [4.5, 4.7] };
  const below: Measured = { ...cloze, better: 'higher', value: 0.2, chance: 0.25, n: 100, interval: [0.13, 0.29] };
  const rows = [
    row([
      { ...worse, value: 4.5 },
      { ...below, value: 0.3 },
    ]),
    row([worse, below], 'width/distilled'),
  ];
  const table = formatTable(rows);
  expect(table).toMatch(/pruned \+ distilled .* ! 4\.6 /);
  expect(table).toContain('width: pruned + distilled: loss 4.6 is worse than a guess, 4.564');
  expect(table).toContain('cloze 20.0% is worse than a guess, 25.0%');
  expect(table).not.toContain('teacher: ');
  const report = reported(rows);
  expect(report).toContain('Its loss is worse than that of a guess.');
  expect(report.match(/worse than a guess( ≈)?\s*<\/small/g)).toHaveLength(2);
  const fine = [row([{ ...worse, value: 4.5 }]), row([{ ...worse, value: 4.4 }], 'width/distilled')];
  expect(formatTable(fine) + reported(fine)).not.toContain('guess');
});

const speed = (value: number): Measured => ({
  evaluator: 'throughput',
  name: 'tokensPerSecond',
  label: 'tokens/s',
  form: 'count',
  value,
  timed: true,
  range: [value - 100, value + 100],
});
const perplexity: Measured = { ...loss, name: 'perplexity', label: 'perplexity', digits: 2, value: 8.34 };
const wide = (name: string, parameters: number, tokensPerSecond: number): SummaryRow => ({
  name,
  parameters,
  nonEmbeddingParameters: parameters - 1_000_000,
  ...(name === 'teacher' ? {} : { cutFrom: name.startsWith('second') ? 5_123_456_789 : 8_030_261_248 }),
  measures: [
    { ...loss, interval: [2.1, 2.14] },
    perplexity,
    { ...cloze, interval: [0.59, 0.67], n: 400 },
    speed(tokensPerSecond),
  ],
  trainingTokens: name.includes('/') ? 94_000_000_000 : 0,
});
const four = [
  wide('teacher', 8_030_261_248, 10_000),
  wide('a-step-with-a-long-name/distilled', 5_123_456_789, 15_000),
  wide('second/scratch', 4_012_345_678, 20_000),
];

test.each([40, 60, 80, 100, 140])('a table for %i columns has no longer line, and no number is cut', (columns) => {
  const table = formatTable(four, columns);
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  expect(table).toContain('2.12');
  for (const cell of table
    .split('\n')
    .slice(2, 5)
    .join(' ')
    .match(/[\d,.]+B?/g) ?? [])
    expect(formatTable(four)).toContain(cell);
});

test('where not all columns fit, size and loss stay, the others go from the least important, and a line names them', () => {
  const short = [four[0]!, wide('first/distilled', 5_123_456_789, 15_000), four[2]!];
  expect(formatTable(short, 80)).toMatch(/^model +parameters +of teacher +loss +cloze \(95% CI\) +trained on/m);
  expect(formatTable(short, 80)).toMatch(/Not in 80 columns: of source, non-emb\., perplexity, tokens\/s/);
  expect(formatTable(four, 40)).toMatch(/^model +of teacher +loss/m);
  expect(formatTable(four)).not.toContain('Not in');
});

test('a table has the share of the teacher, and of what the step began with where that is another model', () => {
  const lines = formatTable(four).split('\n');
  expect(lines[0]).toMatch(/of teacher +of source/);
  // 4,012,345,678 of 8,030,261,248 and of 5,123,456,789.
  expect(lines[4]).toMatch(/ 50\.0% +78\.3% /);
  expect(formatTable(four.slice(0, 2))).not.toContain('of source');
});

test('speeds that cannot be told apart are no column but a note', () => {
  const alike = [four[0]!, wide('a/distilled', 5_123_456_789, 10_150)];
  expect(formatTable(alike).split('\n')[0]).not.toContain('tokens/s');
  expect(formatTable(alike)).toContain('tokens/s: the models cannot be told apart by the timings');
  expect(reported(alike)).not.toContain('<th class="n">tokens/s');
  expect(reported(four)).toContain('<th class="n">tokens/s');
});

function reported(rows: readonly SummaryRow[]): string {
  return reportHtml({
    title: 'a run',
    sessions: 1,
    rows,
    answer: { row: rows.at(-1)?.name ?? '' },
    curves: [],
    plans: [],
    candidates: [],
    costs: [],
    samples: [],
    warnings: [],
  });
}

test('a row is found by its label, with or without quotes, and by its name', () => {
  for (const name of ['a/pruned', 'two words/distilled', 'b/lm-loss', 'c/scratch'])
    for (const text of [name, rowLabel(name), `“${rowLabel(name)}”`]) expect(rowNamed(text)).toBe(name);
  expect(rowNamed(rowLabel('teacher'))).toBe('teacher');
  expect(rowNamed('a: b: c')).toBe('a: b: c');
});
