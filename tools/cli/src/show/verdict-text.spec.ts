// What is said when a run is done: the verdict within the terminal's width, and commands that a shell takes as they are.
import type { RunResult, SummaryRow } from '@espalier/run';
import { expect, test } from 'vitest';
import { nextCommands, verdictLines } from './verdict-text.js';

const row = (name: string, loss: number, trainingTokens: number): SummaryRow => {
  const measured = { evaluator: 'perplexity', name: 'loss', label: 'loss', better: 'lower' } as const;
  const counts = { parameters: name === 'teacher' ? 1000 : 500, nonEmbeddingParameters: 400, trainingTokens };
  return { name, ...counts, measures: [{ ...measured, value: loss, interval: [loss - 0.01, loss + 0.01] }] };
};
const rows = [row('teacher', 1, 0), row('a/pruned', 3, 0), row('a/distilled', 1.5, 80), row('a/lm-loss', 1.4, 80)];
const answer = { row: 'a/distilled', hash: 'ab', taught: true };
const result: RunResult = { rows, students: new Map(), summary: { rows, answer, seed: 1, versions: {} } };
const places = { run: "runs/it's mine", model: 'tinytales' };

test('no line of the verdict is longer than the terminal is wide', () => {
  const lines = verdictLines(result, 40);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  expect(lines.join(' ')).toContain('Distillation closed 75% of what pruning cost');
});

test('the commands measure the model, set it beside its teacher, and export the row that is better', () => {
  expect(nextCommands(result, places)).toEqual([
    `espalier evaluate --model 'runs/it'\\''s mine' --data your-other-text.txt`,
    `espalier generate --model tinytales --model 'runs/it'\\''s mine' --prompt "Once"`,
    `espalier export 'runs/it'\\''s mine' --row a/lm-loss --out 'runs/it'\\''s mine-a-lm-loss'`,
  ]);
  const exported = { folder: 'half', row: 'a/distilled', difference: 0 };
  expect(nextCommands({ ...result, exported }, places)[0]).toContain('--model half ');
});

test('no row is to be exported that is already', () => {
  const exports = (from: RunResult): readonly string[] =>
    nextCommands(from, places).flatMap((own) => / --row (\S+)/.exec(own)?.slice(1) ?? []);
  const alone = {
    ...result,
    rows: rows.slice(0, 3),
    summary: { rows: rows.slice(0, 3), answer, seed: 1, versions: {} },
  };
  expect(exports(alone)).toEqual(['a/distilled']);
  expect(exports({ ...alone, exported: { folder: 'half', row: 'a/distilled' } })).toEqual([]);
  expect(exports({ ...result, exported: { folder: 'half', row: 'a/distilled' } })).toEqual(['a/lm-loss']);
  expect(exports({ ...result, exported: { folder: 'half', row: 'a/lm-loss' } })).toEqual(['a/distilled']);
});

test('a run that was to end early has neither', () => {
  const early = { rows, students: new Map() };
  expect([...verdictLines(early, 80), ...nextCommands(early, places)]).toEqual([]);
});
