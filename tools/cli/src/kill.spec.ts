// A run that is killed at any moment and resumed leaves the same bytes as one that was not.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { random, runFiles } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, type Bench } from './testing/cli-run.js';
import { buildCommand, lineCount, runProcess } from './testing/process.js';

const KILLS = 25;

let bench: Bench;
let uninterrupted: Record<string, string>;
let lines: number;

/** Two steps, the second from the first's student; every kind of stage, checkpoints every other step. */
const recipe = {
  model: 'model',
  data: 'text.txt',
  backend: { name: 'ort', threads: 1 },
  checkpoints: { everySteps: 2 },
  steps: [
    {
      name: 'narrow',
      target: '70%',
      importance: { samples: 8, length: 16, batch: 4 },
      distillation: { tokens: 512, length: 16, batch: 4 },
      compare: ['scratch'],
    },
    {
      name: 'shallow',
      target: 'layers=2',
      search: 'depth',
      pruner: 'depth',
      importance: { samples: 8, length: 16, batch: 4 },
      distillation: { tokens: 256, length: 16, batch: 2, accumulate: 2 },
    },
  ],
  export: { folder: 'out' },
};

beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
  const { folder, compress } = await place('whole');
  const { code, stderr } = await compress();
  expect(code, stderr).toBe(0);
  uninterrupted = await contents(folder);
  lines = lineCount(join(folder, 'run', runFiles.events));
});
afterAll(() => bench.remove());

/** A folder of its own with model, text and recipe; paths in the recipe are seen from there. */
async function place(name: string) {
  const folder = join(bench.folder, name);
  await mkdir(folder);
  await cp(bench.model, join(folder, 'model'), { recursive: true });
  await cp(bench.text, join(folder, 'text.txt'));
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(recipe));
  const run = join(folder, 'run');
  return {
    folder,
    run,
    compress: (options = {}) =>
      runProcess(['compress', '--recipe', join(folder, 'recipe.json'), '--run', run], options),
    resume: (options = {}) => runProcess(['resume', run], options),
  };
}

/** Every file of run and model, without clocks, speeds and places; the report is full of them. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const top of ['run', 'out']) {
    for (const name of await readdir(join(folder, top), { recursive: true })) {
      const path = `${top}/${name}`;
      if ([runFiles.events, runFiles.measured, 'run.json', 'report.html'].some((own: string) => path.endsWith(own)))
        continue;
      const bytes = await readFile(join(folder, path)).catch(() => undefined); // folders
      if (bytes !== undefined) files[path] = withoutClock(path, bytes).replaceAll(folder, '');
    }
  }
  return files;
}

function withoutClock(path: string, bytes: Buffer): string {
  if (path.endsWith('.safetensors')) return bytes.toString('hex');
  const text = bytes.toString();
  if (path.endsWith('summary.json')) return text.replaceAll(/("label": "tokens\/s",\s+"value": )[\d.]+/g, '$1');
  if (!path.endsWith('manifest.json')) return text;
  return text
    .replaceAll(/"measured.json": \{[^}]*\}/g, '')
    .replaceAll(/"(sha256|bytes|inputsHash)": [^,\n]+/g, (digest) => (path.includes('export') ? '' : digest));
}

test('the uninterrupted run has every kind of file', () => {
  const names = Object.keys(uninterrupted);
  for (const name of [
    'run/summary.json',
    'run/stages/narrow/calibrate/statistics.safetensors',
    'run/stages/narrow/score/scores.json',
    'run/stages/narrow/prune/plan.json',
    'run/stages/narrow/distilled/distil/student/model.safetensors',
    'run/stages/shallow/distilled/distil/student/model.safetensors',
    'run/stages/shallow/distilled/evaluate/evaluation.json',
    'out/model.safetensors',
  ])
    expect(names).toContain(name);
  expect(
    names.filter((name) => name.includes('checkpoints') || name.includes('.tmp') || name.includes('.lock')),
  ).toEqual([]);
});

test(`${KILLS} runs killed at random moments and resumed leave the same bytes`, async () => {
  const stream = random(20261125);
  const moments = Array.from({ length: KILLS }, () => ({
    // Where in the log the run is when it is killed, and how much later.
    line: stream.integer(lines + 1),
    delay: stream.integer(12),
  }));
  const killed: string[] = [];
  const one = async ({ line, delay }: (typeof moments)[number], index: number): Promise<void> => {
    const { folder, run, compress, resume } = await place(`killed-${index}`);
    let left = delay;
    const events = join(run, runFiles.events);
    const first = await compress({ kill: () => (lineCount(events) >= line && left-- <= 0 ? 'SIGKILL' : undefined) });
    if (first.signal === 'SIGKILL') killed.push(`${line}`);
    const begun = existsSync(join(run, 'run.json'));
    const { code, stderr } = begun ? await resume() : await compress();
    expect(code, `killed at line ${line}: ${stderr}`).toBe(0);
    expect(await contents(folder), `killed at line ${line} of ${lines}`).toEqual(uninterrupted);
    await rm(folder, { recursive: true });
  };
  // Two at a time: both cores have something to do.
  const queue = [...moments.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await one(next[1], next[0]);
  };
  await Promise.all([worker(), worker()]);
  expect(killed.length).toBeGreaterThan(KILLS / 2); // the others had ended before they were to be killed
});
