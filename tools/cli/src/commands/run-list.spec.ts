// `espalier status` of a folder of runs: a line each, the newest first.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, runCaptured } from '../testing/cli-run.js';
import { runsBelow } from './run-list.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-runs-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Loss of the model that a run is for. */
function lossOf(text: string): number {
  const measures = z.array(z.object({ name: z.string(), value: z.number() }));
  const schema = z.object({
    answer: z.object({ row: z.string() }),
    rows: z.array(z.object({ name: z.string(), measures })),
  });
  const { answer, rows } = schema.parse(JSON.parse(text));
  return rows.find(({ name }) => name === answer.row)?.measures.find(({ name }) => name === 'loss')?.value ?? NaN;
}

async function place(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'run.json'), '{}');
  }
}

test('runs are found three levels down, not within runs, behind links, or in hidden folders', async () => {
  await place('a', 'b/c/d', 'b/c/d/stages/e', '.hidden/f', 'node_modules/g', 'h/i/j/k');
  await symlink(join(folder, 'a'), join(folder, 'link'));
  expect(await runsBelow(folder)).toEqual([join(folder, 'a'), join(folder, 'b/c/d')]);
  expect(await runsBelow(join(folder, 'a'))).toEqual([join(folder, 'a')]);
});

test('a folder without runs says what to do', async () => {
  const { code, stderr } = await runCaptured('status', folder);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/there is none, three levels down\. Give the folder of a run/),
  ]);
});

test('each run has a line with what came of it, the newest first, and one that is damaged hides no other', async () => {
  const bench = await createBench();
  try {
    const few = { tokens: '64', samples: '4' };
    for (const name of ['first', 'second']) {
      const places = { run: join(folder, name), out: join(bench.folder, name) };
      expect((await bench.compress({ ...few, ...places })).code).toBe(0);
    }
    await place('torn');
    const { stdout } = await runCaptured('status', folder);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/second: .*, complete, \d\d(\.\d)?% of the parameters, .*loss.* begun .* ago$/);
    // Of the model that the run is for, and not of what it is compared with.
    const own = lossOf(await readFile(join(folder, 'second', 'summary.json'), 'utf8'));
    expect(Number(/loss ([\d.]+)/.exec(lines[0] ?? '')?.[1])).toBeCloseTo(own, 1);
    expect(lines[1]).toMatch(/first: /);
    expect(lines[2]).toMatch(/torn: read /);
    const { stdout: json } = await runCaptured('status', folder, '--json');
    expect(JSON.parse(json)).toMatchObject({
      runs: [{ state: 'complete' }, { state: 'complete' }, { damage: expect.stringMatching(/read/) as string }],
    });
  } finally {
    await bench.remove();
  }
});
