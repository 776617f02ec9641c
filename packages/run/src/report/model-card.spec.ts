// The card's text for a run of known numbers, and its metadata as a YAML reader finds it.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Measured } from '@espalier/core';
import type { SummaryRow } from '../engine/summary.js';
import { modelCard } from './model-card.js';
import type { ReportData } from './report-data.js';

const loss = (value: number): Measured => ({
  evaluator: 'perplexity',
  name: 'loss',
  label: 'loss',
  better: 'lower',
  value,
});
const cloze = (value: number, interval: readonly [number, number]): Measured => {
  const shown = { label: 'cloze', better: 'higher', form: 'share' } as const;
  return { evaluator: 'cloze', name: 'accuracy', ...shown, value, interval, chance: 0.25, n: 400 };
};
const row = (name: string, more: Partial<SummaryRow>): SummaryRow => ({
  name,
  parameters: 1000,
  nonEmbeddingParameters: 800,
  measures: [loss(0.6541)],
  trainingTokens: 0,
  ...more,
});
const report: ReportData = {
  title: 'run',
  sessions: 1,
  rows: [
    row('teacher', {
      parameters: 2000,
      measures: [loss(0.6441), cloze(0.6275, [0.579, 0.673])],
    }),
    row('width/pruned', { measures: [loss(1.3112)] }),
    row('width/distilled', {
      trainingTokens: 300_032,
      measures: [loss(0.6541), cloze(0.6325, [0.584, 0.678])],
    }),
    row('width/scratch', { measures: [loss(1.0596)], trainingTokens: 300_032 }),
  ],
  curves: [{ name: 'width/distilled', objective: 'forward-kl', points: [{ tokens: 1024, loss: 1 }] }],
  plans: [],
  candidates: [],
  costs: [],
  samples: [],
  warnings: [],
  origin: { seed: 7, versions: { espalier: '0.1.0' }, recipe: { target: '50%' } },
};
const subject = { name: 'Half a llama', row: 'width/distilled', base: 'owner/llama' };
const front = (card: string): unknown => parse(/^---\n([\s\S]*?)\n---\n/.exec(card)?.[1] ?? '');

describe('the model card', () => {
  test('has metadata that the hub reads', () => {
    expect(front(modelCard({ ...subject, datasets: ['owner/texts'] }, report))).toEqual({
      base_model: 'owner/llama',
      library_name: 'transformers',
      pipeline_tag: 'text-generation',
      tags: ['espalier', 'pruning', 'knowledge-distillation'],
      datasets: ['owner/texts'],
    });
  });

  test('carries license and languages of the base model over, and nothing else', () => {
    const baseCard =
      '---\nlicense: other\nlicense_name: llama3.1\nlanguage: [en, de]\ntags: [x]\nmodel-index: []\n---\n# Base';
    const metadata = { license: 'other', license_name: 'llama3.1', language: ['en', 'de'] };
    expect(front(modelCard({ ...subject, baseCard }, report))).toMatchObject({
      ...metadata,
      tags: ['espalier', 'pruning', 'knowledge-distillation'],
    });
    expect(front(modelCard({ ...subject, baseCard }, report))).not.toHaveProperty('model-index');
  });

  test.each(['no metadata', '---\n: : [\n---\n', '---\nlicense: 7\n---\n', '---\n- a\n---\n', ''])(
    'takes nothing from a base card it cannot read: %j',
    (card) => {
      expect(front(modelCard({ ...subject, baseCard: card }, report))).not.toHaveProperty('license');
    },
  );

  test('shows the teacher, the pruned model and itself, as measured, and names no winner within noise', () => {
    const card = modelCard(subject, report);
    expect(card).toContain('| teacher | 2,000 | 800 | 0.6441 |');
    expect(card).toContain('| width: pruned, no retraining | 1,000 | 800 | 1.3112 |');
    expect(card).toContain('63% (58%–68%)');
    expect(card).not.toContain('1.0596');
    expect(card).toContain('1,000 parameters, 50.0% of the 2,000');
    expect(card).toContain('cannot be told apart');
    expect(card).toContain('objective forward-kl');
    expect(card).toContain('Seed 7; espalier 0.1.0.');
    expect(card).toContain('AutoModelForCausalLM.from_pretrained');
  });

  test('tells no path of the machine, and says nothing where nothing was measured', () => {
    const card = modelCard({ ...subject, base: '/home/someone/models/my-llama' }, { ...report, rows: [], curves: [] });
    expect(card).toContain('made from my-llama by');
    expect(card).not.toContain('/home/someone');
    expect(card).not.toContain('## Measured');
    expect(front(card)).not.toHaveProperty('base_model');
  });

  test('has the recipe without paths of the machine', () => {
    const origin = { seed: 1, versions: {}, recipe: { model: '/home/someone/llama', export: { folder: '/data/out' } } };
    const card = modelCard(subject, { ...report, origin });
    expect(card).toContain('model: llama\nexport:\n  folder: out\n');
    expect(card).not.toMatch(/home|\/data/);
  });

  test('keeps names from becoming markup', () => {
    const card = modelCard({ ...subject, name: 'a\n# b <script> | `x`' }, report);
    expect(card).toContain('# a \\# b \\<script\\> \\| \\`x\\`\n');
  });
});
