// Runs that end after a stage do what leads to it and nothing else, and what a recipe leaves out is left out.
import { loadModel, weightSpecs } from '@espalier/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tap } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unitNames } from '../folder/run-folder.js';
import { createBench, type Bench } from '../testing/bench.js';
import { cutBy } from './shape.js';
import { compress, finished, resume } from './run.js';
import { createWorkbench } from './workbench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

test('a run up to a stage measures nothing, and gone on with it is a whole run', async () => {
  const folder = join(bench.folder, 'staged');
  await finished(compress(bench.recipe, { folder, until: { stage: 'calibrate' } }));
  expect(await unitNames(folder)).toEqual(['narrow/calibrate', 'text/held-back']);
  await finished(resume(folder, { until: { stage: 'score' } }));
  expect(await unitNames(folder)).toEqual(['narrow/calibrate', 'narrow/score', 'text/held-back']);
  const { rows } = await finished(resume(folder));
  expect(rows.map(({ name }) => name)).toEqual(['teacher', 'narrow/pruned', 'narrow/distilled']);
  const whole = await finished(compress(bench.recipe));
  const untimed = (own: typeof rows) =>
    own.map((row) => ({ ...row, measures: row.measures.filter(({ evaluator }) => evaluator !== 'throughput') }));
  expect(untimed(rows)).toEqual(untimed(whole.rows));
});

test('the cut model goes where it is asked to go, weight for weight what the plan leaves', async () => {
  const [folder, out] = [join(bench.folder, 'cut'), join(bench.folder, 'cut-out')];
  const until = { stage: 'prune', out: { folder: out, overwrite: false } } as const;
  await finished(compress(bench.recipe, { folder, until }));
  const { families } = createWorkbench({ seed: 1 });
  const [source, cut] = [await loadModel(String(bench.recipe.model), families), await loadModel(out, families)];
  const plan = JSON.parse(await readFile(join(folder, 'stages/narrow/prune/plan.json'), 'utf8')) as Parameters<
    typeof cutBy
  >[0];
  const expected = cutBy(plan, source.model, 'narrow');
  expect(cut.model.architecture).toEqual(expected.architecture);
  for (const { name } of weightSpecs(expected))
    expect(await cut.model.weights.read(name), name).toEqual(await expected.weights.read(name));
  await Promise.all([source.close(), cut.close()]);
  const again = finished(compress(bench.recipe, { folder: join(bench.folder, 'cut-again'), until }));
  await expect(again).rejects.toThrow('a model is there already');
  const inside = { stage: 'prune', out: { folder: join(folder, 'model'), overwrite: false } } as const;
  await expect(finished(resume(folder, { until: inside }))).rejects.toThrow('would hold');
});

test('a recipe leaves out the first model, the check of the cut and that of the export', async () => {
  const [step] = bench.recipe.steps;
  const seen: string[] = [];
  const recipe = {
    ...bench.recipe,
    evaluation: { maxTokens: 17, teacher: false },
    steps: [{ ...step, target: '70%', checkCut: false }],
    export: { folder: join(bench.folder, 'unchecked'), check: false },
  };
  const run = compress(recipe, { folder: join(bench.folder, 'bare') });
  const { rows, exported } = await finished(
    run.pipe(tap((event) => event.type === 'finding' && seen.push(event.name ?? ''))),
  );
  expect(rows.map(({ name, measures }) => [name, measures.length > 0])).toEqual([
    ['teacher', false],
    ['narrow/pruned', true],
    ['narrow/distilled', true],
  ]);
  expect(exported).toEqual({ folder: recipe.export.folder, row: 'narrow/distilled' });
  expect(seen).toContain('plan');
  expect(seen).not.toContain('masked-check');
  expect(await readFile(join(bench.folder, 'bare', 'report.html'), 'utf8')).toMatch(/keeps [67]\d/);
});
