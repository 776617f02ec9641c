// `compress` from end to end on a tiny model.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeDocument, holdBack, openTokenizer } from '@espalier/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Summary, SummaryRow } from '@espalier/run';
import { createBench, lines, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.remove());

const short = { tokens: '2k', batch: '4', samples: '8', warmup: '2' };

async function summaryOf(
  run: Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>,
): Promise<Summary> {
  const { code, stdout, stderr } = await run;
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Summary;
}

const lossOf = (row: SummaryRow | undefined): number => row?.measures.find(({ name }) => name === 'loss')?.value ?? NaN;

test('compress prints the rows of the comparison, and leaves summary, events and a model that loads', async () => {
  const summary = await summaryOf(bench.compress(short, ['--json']));
  expect(summary.rows.map(({ name }) => name)).toEqual([
    'teacher',
    'width/pruned',
    'width/distilled',
    'width/lm-loss',
    'width/scratch',
    'depth/pruned',
    'depth/distilled',
  ]);
  const [teacher, pruned, distilled] = summary.rows;
  expect(pruned?.parameters).toBeLessThanOrEqual((teacher?.parameters ?? 0) / 2);
  expect(distilled?.trainingTokens).toBe(2048); // 2,000 in whole steps of 64
  // The teacher is random and knows nothing of the text: what distillation promises is to come nearer to it.
  const distance = (row: typeof teacher): number => Math.abs(lossOf(row) - lossOf(teacher));
  expect(distance(distilled)).toBeLessThan(distance(pruned));
  expect(JSON.parse(await readFile(join(bench.folder, 'run', 'summary.json'), 'utf8'))).toEqual(summary);

  const events = (await readFile(join(bench.folder, 'run', 'events.ndjson'), 'utf8')).trim().split('\n');
  const types = new Set(events.map((line) => (JSON.parse(line) as { type: string }).type));
  expect([...types].sort()).toEqual(['finding', 'metric', 'progress', 'stage-finished', 'stage-started', 'warning']);

  // The exported folder is the row's model.
  const heldBack = join(bench.folder, 'held-back.txt');
  const tokenizer = await openTokenizer(bench.model);
  const { heldOut } = holdBack(lines.map((own) => encodeDocument(tokenizer, own)));
  const held = new Set(heldOut.map((own) => own.join()));
  const kept = new Set(lines.filter((own) => held.has(encodeDocument(tokenizer, own).join())));
  await writeFile(heldBack, [...kept].join('\n'));
  const evaluated = await runCaptured(
    'evaluate',
    '--model',
    join(bench.folder, 'out'),
    '--data',
    heldBack,
    '--max-tokens',
    '17',
    '--json',
  );
  expect((JSON.parse(evaluated.stdout) as { loss: number }).loss).toBeCloseTo(lossOf(distilled), 6);
});

test('the same command twice gives identical losses', async () => {
  const flags = { ...short, data: 'teacher' };
  const losses = async (name: string): Promise<readonly number[]> => {
    const out = { out: join(bench.folder, `out-${name}`), run: join(bench.folder, `run-${name}`) };
    await summaryOf(bench.compress({ ...flags, ...out }, ['--json', '--no-compare']));
    const events = (await readFile(join(bench.folder, `run-${name}`, 'events.ndjson'), 'utf8')).trim().split('\n');
    return events.flatMap((line) => {
      const event = JSON.parse(line) as { type: string; name?: string; value?: number };
      return event.type === 'metric' && event.name === 'loss' ? [event.value ?? NaN] : [];
    });
  };
  const first = await losses('a');
  expect(first.length).toBe(32);
  expect(await losses('b')).toEqual(first);
});

test.each([
  ['hidden=24,ffn=22', 'width'],
  ['layers=2', 'depth'],
  ['hidden=24,layers=2', 'joint'],
])('the shape %s is reached by %s', async (target, method) => {
  const { rows } = await summaryOf(bench.compress({ ...short, target }, ['--json', '--no-compare']));
  expect(rows.map(({ name }) => name)).toEqual(['teacher', `${method}/pruned`, `${method}/distilled`]);
});

test('without --json a table is printed', async () => {
  const { stdout, code } = await bench.compress(short, ['--no-compare']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/model +parameters +of teacher +non-emb\. +loss +perplexity +(tokens\/s +)?trained on/);
  expect(stdout).toMatch(/width: pruned \+ distilled/);
});
