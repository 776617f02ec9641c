// The report of a small log: what it shows, what it leaves out, and that nothing from outside becomes markup.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured, PipelineEvent } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  differ,
  measureText,
  html,
  leaders,
  linear,
  logarithmic,
  onFront,
  parseEvents,
  reportFromEvents,
  reportHtml,
  rowsFromEvents,
  style,
  verdict,
  type ReportData,
  type Summary,
  type SummaryRow,
} from '@espalier/run';
import { createBench } from './testing/cli-run.js';
import { stamped } from './testing/events.js';

const nothing: ReportData = {
  title: 'a run',
  sessions: 1,
  rows: [],
  curves: [],
  plans: [],
  candidates: [],
  costs: [],
  samples: [],
  warnings: [],
};

const loss = (value: number): Measured => ({
  evaluator: 'perplexity',
  name: 'loss',
  label: 'loss',
  better: 'lower',
  value,
});
const cloze = (right: number, n: number, interval: readonly [number, number]) => {
  const shown = { evaluator: 'cloze', name: 'accuracy', label: 'cloze', better: 'higher', form: 'share' } as const;
  return { ...shown, value: right / n, chance: 0.25, n, interval };
};
const row = (name: string, more: Partial<SummaryRow>): SummaryRow => ({
  name,
  parameters: 100,
  nonEmbeddingParameters: 80,
  measures: [loss(1)],
  trainingTokens: 0,
  ...more,
});
const rows = [
  row('teacher', { parameters: 200, measures: [loss(0.5), cloze(251, 400, [0.579, 0.673])] }),
  row('width/pruned', { measures: [loss(1.3), cloze(184, 400, [0.412, 0.509])] }),
  row('width/distilled', { measures: [loss(0.6), cloze(253, 400, [0.584, 0.678])], trainingTokens: 1000 }),
];

describe('the log of a real run', () => {
  let page: string;
  let summary: Summary;
  let events: readonly PipelineEvent[];
  beforeAll(async () => {
    const bench = await createBench();
    try {
      const short = { tokens: '512', batch: '4', samples: '8', warmup: '1' };
      const { code, stderr } = await bench.compress(short, ['--json']);
      expect(code, stderr).toBe(0);
      const read = (name: string): Promise<string> => readFile(join(bench.folder, 'run', name), 'utf8');
      page = await read('report.html');
      summary = JSON.parse(await read('summary.json')) as Summary;
      events = parseEvents(await read('events.ndjson'));
    } finally {
      await bench.remove();
    }
  });

  test('replayed gives the rows of its summary, number for number, and the same report', () => {
    expect(rowsFromEvents(events)).toEqual(summary.rows);
    expect(reportHtml(reportFromEvents(events, 'run'))).toBe(page);
  });

  test('becomes a page with every section that its data allows, and every model', () => {
    const titles = [...page.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Results',
      'Loss',
      'Importance',
      'What was kept',
      'Size and loss',
      'Samples',
      'Cost',
      'Where this comes from',
    ]);
    // Speeds are shown only where they can be told apart.
    const lasting = summary.rows.flatMap(({ measures }) => measures.filter(({ timed }) => timed !== true));
    for (const own of lasting) expect(page).toContain(measureText(own));
  });

  test('loads nothing from elsewhere and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|javascript:|\son\w+=/i);
  });

  test('reads on a phone: where a table becomes a list, every number has its name beside it', () => {
    const tables = [...page.matchAll(/<table class="reflow">[\s\S]*?<\/table>/g)].map(([table]) => table);
    expect(tables).toHaveLength(2);
    for (const [cell] of tables.join('').matchAll(/<td[^>]*>/g)) expect(cell).toMatch(/data-label="[^"]+"|none-here/);
  });

  test('shows the values of points on focus as well, and says them to readers of the screen', () => {
    const points = [...page.matchAll(/<g class="point" tabindex="0" role="img" aria-label="([^"]+)"/g)];
    expect(points.map(([, label]) => label)).toHaveLength(summary.rows.length);
    expect(points[0]?.[1]).toMatch(/^teacher: .+, \d/);
  });

  test('is well formed: every element that is opened is closed, in order', () => {
    const open: string[] = [];
    for (const [, close, name = '', rest = ''] of page.matchAll(/<(\/?)([a-z0-9]+)((?:"[^"]*"|[^">])*)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/')) open.push(name);
    }
    expect(open).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});

describe('the page', () => {
  test('of a run without any result says so', () => {
    const page = reportHtml(nothing);
    expect(page).toContain('has not measured anything yet');
    expect(page).not.toContain('<section>');
  });

  test.each<[string, Partial<ReportData>, string]>([
    ['rows', { rows }, 'Results'],
    [
      'curves',
      { curves: [{ name: 'width/distilled', objective: 'forward-kl', points: [{ tokens: 1, loss: 2 }] }] },
      'Loss',
    ],
    [
      'scores',
      {
        scores: {
          axes: ['layers'],
          samples: 1,
          tokens: 2,
          profile: { layers: { order: 'index', count: 2, values: [1, 2] } },
        },
      },
      'Importance',
    ],
    [
      'candidates',
      {
        candidates: [
          { name: 'a', parameters: 1, loss: 2 },
          { name: 'b', parameters: 2, loss: 1 },
        ],
      },
      'Size and loss',
    ],
    ['costs', { costs: [{ name: 'teacher', stages: [{ name: 'score', seconds: 1 }], tokens: 0 }] }, 'Cost'],
    ['samples', { samples: [{ prompt: 'p', texts: [{ model: 'teacher', text: 't' }] }] }, 'Samples'],
    ['origin', { origin: { seed: 1, versions: {} } }, 'Where this comes from'],
  ])('of %s alone has their section', (_, data, title) => {
    const page = reportHtml({ ...nothing, ...data });
    expect(page).toContain(`<h2>${title}</h2>`);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('escapes names, texts, warnings and recipes', () => {
    const evil = `<img src=x onerror="alert('1')">&`;
    const page = reportHtml({
      ...nothing,
      title: evil,
      rows: rows.map((own) => ({ ...own, name: own.name === 'teacher' ? evil : `${evil}/distilled` })),
      curves: [{ name: evil, objective: evil, points: [{ tokens: 1, loss: 1 }] }],
      candidates: [
        { name: evil, parameters: 1, loss: 2 },
        { name: evil, parameters: 2, loss: 1 },
      ],
      costs: [{ name: evil, stages: [{ name: evil, seconds: 1 }], tokens: 1 }],
      samples: [{ prompt: evil, texts: [{ model: evil, text: evil }] }],
      origin: { seed: 1, versions: { [evil]: evil }, recipe: { [evil]: evil }, command: evil },
      warnings: [evil],
    });
    expect(page).not.toContain('<img');
    expect(page).not.toContain('onerror="');
    expect(page.split('&lt;img src=x').length).toBeGreaterThan(10);
  });

  test('has style that escaping leaves as it is', () => {
    expect(html`${style}`.source).toBe(style);
  });
});

describe('the verdict', () => {
  test('names no winner within noise', () => {
    expect([...leaders(rows, { evaluator: 'cloze', name: 'accuracy' })]).toEqual(['teacher', 'width/distilled']);
    const said = verdict({ rows, answer: { row: 'width/distilled' } }).join(' ');
    expect(said).toMatch(/50\.0%.*0\.1000 more.*too close to be told apart by 400 questions/);
    expect(reportHtml({ ...nothing, rows })).toContain('no winner: ');
  });

  test('tells two shares apart where the two-proportion test does', () => {
    // 45 and 60 of 100: z = 2.12; 48 and 60: z = 1.70 (pooled variance).
    const of = (right: number) => cloze(right, 100, [0, 1]);
    expect(differ(of(45), of(60))).toBe(true);
    expect(differ(of(48), of(60))).toBe(false);
  });
});

test('a point is on the front unless another is as good in both and better in one', () => {
  const points = [
    { x: 1, y: 3 },
    { x: 2, y: 2 },
    { x: 2, y: 2 },
    { x: 3, y: 2 },
    { x: 4, y: 1 },
  ];
  expect(points.map((point) => onFront(point, points))).toEqual([true, true, true, false, true]);
});

test('scales have round ticks within their range and put the ends at the ends', () => {
  const scale = linear([0.13, 1.9], [0, 100]);
  expect(scale.ticks).toEqual([0.5, 1, 1.5]);
  expect([scale(0.13), scale(1.9)]).toEqual([0, 100]);
  expect(logarithmic([0.01, 10], [0, 3]).ticks).toEqual([0.01, 0.1, 1, 10]);
  expect(logarithmic([0.01, 10], [0, 3])(0.1)).toBeCloseTo(1, 9);
  expect(linear([2, 2], [0, 1]).ticks.length).toBeGreaterThan(0);
});

test('where a run was resumed, what it did last counts', () => {
  const evaluated = (value: number, time: number): readonly PipelineEvent[] => [
    stamped('a', 'evaluate', time, {
      type: 'finding',
      name: 'model',
      message: '',
      data: { family: 'llama', layers: 1, sizes: {}, parameters: 2, nonEmbeddingParameters: 1 },
    }),
    stamped('a', 'evaluate', time, {
      type: 'finding',
      name: 'measures',
      message: '',
      data: { measures: [loss(value)] },
    }),
  ];
  expect(
    rowsFromEvents([...evaluated(2, 1), ...evaluated(1, 2)]).map(({ measures }) => measures.map(({ value }) => value)),
  ).toEqual([[1]]);
  expect(rowsFromEvents(evaluated(2, 1).slice(0, 1))).toEqual([]);
});
