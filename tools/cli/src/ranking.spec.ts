// The bundled teacher under its own importance: in order of importance it is the same model, a cut by importance beats a random
// and a reversed one, one calibration serves every aggregation from disk, and iterative estimation ends in the same shape.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  calibrate,
  checkRanking,
  loadModel,
  Pipeline,
  pruneIteratively,
  random,
  readStatistics,
  score,
  sourceBatches,
  writeStatistics,
  type LoadedModel,
  type PipelineEvent,
  type Scores,
  type SizedBatches,
  type TrainingDocuments,
} from '@espalier/core';
import {
  activationScorer,
  blockInfluenceScorer,
  jointPruner,
  llama,
  tinyTalesAssets,
  tinyTalesSource,
} from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';

const context = { backend: ortBackend(), random: random(1) };
const size = { batch: 8, length: 64 };
const scorers = [activationScorer(), blockInfluenceScorer()];

let loaded: LoadedModel;
let folder: string;
beforeAll(async () => {
  loaded = await loadModel(fileURLToPath(tinyTalesAssets), [llama()]);
  folder = await mkdtemp(join(tmpdir(), 'ranking-'));
});
afterAll(async () => {
  await loaded.close();
  await rm(folder, { recursive: true });
});

const text = (use: string): SizedBatches => {
  async function* documents(): TrainingDocuments {
    const data = await tinyTalesSource().open({ ...context, teacher: loaded.model, length: size.length });
    yield* data.training(random(2).fork(use));
  }
  return sourceBatches(tinyTalesSource(), documents(), size);
};
const negated = (scores: Partial<Scores>): Partial<Scores> => ({
  ...scores,
  ffn: (scores.ffn ?? []).map((list) => list.map((own) => -own)),
  heads: (scores.heads ?? []).map((list) => list.map((own) => -own)),
  hidden: (scores.hidden ?? []).map((own) => -own),
  layers: (scores.layers ?? []).map((own) => -own),
});

test('a ranking is checked, and a wrong one is warned of', async () => {
  const { model } = loaded;
  const events: PipelineEvent[] = [];
  const target = {
    ...model.architecture,
    layers: 4,
    sizes: { ...model.architecture.sizes, hidden: 96, ffn: 224, heads: 4 },
  };
  const scored = await Pipeline.of({ teacher: model, target }, context)
    .pipe(calibrate({ scorers, samples: 64, data: text('calibration') }), score(scorers))
    .run((event) => events.push(event));
  const stability = events.find((event) => event.type === 'finding' && event.name === 'stability');
  expect(stability?.type === 'finding' && stability.message).toMatch(/ffn .* hidden .* layers .*the sample is/);
  expect(Object.keys(scored.stability).toSorted()).toEqual(['ffn', 'heads', 'hidden', 'layers']);

  const options = () => ({ pruner: jointPruner(), ...size, data: text('check'), batches: 2 });
  const { rankingLosses } = await Pipeline.of(scored, context).pipe(checkRanking(options())).run();
  expect(rankingLosses.sorted).toBeLessThan(rankingLosses.random);
  expect(rankingLosses.random).toBeLessThan(rankingLosses.reversed);

  const warnings: string[] = [];
  const wrong = await Pipeline.of({ ...scored, scores: negated(scored.scores) }, context)
    .pipe(checkRanking(options()))
    .run((event) => event.type === 'warning' && warnings.push(event.message));
  expect(wrong.rankingLosses.reversed).toBeCloseTo(rankingLosses.sorted, 5);
  expect(wrong.rankingLosses.sorted).toBeCloseTo(rankingLosses.reversed, 5);
  expect(warnings).toEqual([expect.stringContaining('the ranking is no better than chance')]);

  const path = join(folder, 'statistics.safetensors');
  await writeStatistics(path, scored.statistics);
  const statistics = await readStatistics(path);
  const other = [activationScorer({ aggregation: 'mean-variance' })];
  const rescored = await Pipeline.of({ teacher: model, statistics }, context).pipe(score(other)).run();
  expect(rescored.scores.ffn).toHaveLength(5);
  expect(rescored.scores.ffn).not.toEqual(scored.scores.ffn);
});

test('two rounds of estimation end in the shape of one cut, by a plan of their own', async () => {
  const { model } = loaded;
  const target = { ...model.architecture, layers: 3, sizes: { ...model.architecture.sizes, hidden: 64, ffn: 172 } };
  const rounds = (count: number) =>
    Pipeline.of({ teacher: model, target }, context)
      .pipe(
        pruneIteratively({
          rounds: count,
          pruner: jointPruner(),
          scorers,
          samples: 16,
          data: () => text('calibration'),
        }),
      )
      .run();
  const [once, twice] = [await rounds(1), await rounds(2)];
  expect(twice.student.architecture).toEqual(once.student.architecture);
  expect(twice.student.architecture.sizes).toMatchObject({ hidden: 64, ffn: 172 });
  expect(twice.plan.layers).toHaveLength(3);
  expect(twice.plan.hidden).not.toEqual(once.plan.hidden);
  await expect(rounds(0)).rejects.toThrow('estimate importance iteratively: 0 rounds');
});
