// A teacher that is corrected, or writes the text itself: correction, and compression
// without a dataset, all on ONNX Runtime.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan,
  calibrate,
  correctTeacher,
  correctionDefaults,
  distil,
  documentIds,
  fullPlan,
  padRows,
  Pipeline,
  prune,
  random,
  remembered,
  score,
  search,
  sourceBatches,
  takeDocuments,
  type DataLoss,
  type Model,
  type TokenBatch,
  type TrainOptions,
  InputError,
  type Optimizer,
} from '@espalier/core';
import { fixtureModel, modelLogits, trainingCurve, worstRatio } from '@espalier/testing';
import {
  activationScorer,
  adamw,
  blockOutputLoss,
  constantRate,
  cosine,
  crossEntropyLoss,
  dynamicAlphaBalancer,
  forwardKlLoss,
  fromLastMapping,
  llama,
  proportionalWidthSearch,
  sgd,
  teacherSource,
  widthPruner,
} from '@espalier/plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const fixture = await fixtureModel(
  fileURLToPath(new URL('../../../packages/core/src/testing/fixtures/tiny-llama', import.meta.url)),
  llama(),
);
const teacher: Model = { ...fixture, tokenizer: { ...fixture.tokenizer, sampleStart: [1] } };
const { ffn, heads, kvHeads } = fullPlan(teacher.architecture);
const student = applyPlan(teacher, {
  layers: [0, 2],
  hidden: Array.from({ length: 24 }, (_, index) => index),
  ffn: ffn.slice(0, 2),
  heads: heads.slice(0, 2),
  kvHeads: kvHeads.slice(0, 2),
});
const context = { backend: ortBackend(), random: random(3) };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Batch `index` of a text; the last token of every second sequence is padding. */
function batch(index: number, seed = 100): TokenBatch {
  const stream = random(seed + index);
  const row = (length: number): number[] => Array.from({ length }, () => stream.integer(96));
  return padRows([row(9), row(8)], { batch: 2, length: 8 });
}
const batches = (count: number, seed?: number): TokenBatch[] =>
  Array.from({ length: count }, (_, index) => batch(index, seed));

const STEPS = 4;
const options: TrainOptions = {
  losses: [
    { term: forwardKlLoss({ topK: 12, temperature: 2 }), weight: 1 },
    { term: blockOutputLoss(), weight: 1 },
  ],
  balancer: dynamicAlphaBalancer(),
  mapping: fromLastMapping({ back: 1 }),
  optimizer: adamw(),
  schedule: cosine({ peak: 0.01 }),
  tokens: STEPS * 2 * 16,
  batch: 2,
  length: 8,
  accumulate: 2,
  data: batches(2 * STEPS),
};
const language = [{ term: crossEntropyLoss(), weight: 1 }];

describe('a corrected teacher', () => {
  const correction = { losses: language, optimizer: adamw(), schedule: constantRate({ peak: 0.005 }) };
  const rest = { tokens: STEPS * 16, batch: 2, length: 8, data: batches(STEPS) };

  test('takes the place of the teacher, and the original is kept', async () => {
    const {
      teacher: corrected,
      original,
      correction: record,
    } = await Pipeline.of({ teacher }, context)
      .pipe(correctTeacher({ ...correction, ...rest }))
      .run();
    expect(original).toBe(teacher);
    expect(record.steps).toBe(STEPS);
    const again = await trainingCurve(teacher, undefined, { ...correction, ...rest }, context);
    const rows = [[1, 2, 3, 4]];
    expect(await modelLogits(corrected, rows, context)).toEqual(await modelLogits(again.model, rows, context));
  });

  test('that learns while it teaches takes the same steps as one that learns alone', async () => {
    const alone = await trainingCurve(teacher, undefined, { ...correction, ...rest }, context);
    const together = { ...options, ...rest, accumulate: 1, correction };
    const { teacher: corrected } = await Pipeline.of({ teacher, student }, context).pipe(distil(together)).run();
    const rows = [[5, 6, 7, 8]];
    const [own, other] = [await modelLogits(corrected, rows, context), await modelLogits(alone.model, rows, context)];
    for (const [index, value] of own.entries()) expect(value).toBeCloseTo(other[index] ?? NaN, 4);
  });

  test('that learns while it teaches is, at every step, the teacher as it was before the step', async () => {
    const still = { ...correction, schedule: constantRate({ peak: 1e-30 }), optimizer: sgd() };
    const first = { ...options, ...rest, accumulate: 1 };
    const uncorrected = await trainingCurve(student, teacher, first, context);
    const motionless = await trainingCurve(student, teacher, { ...first, correction: still }, context);
    expect(worstRatio(motionless.losses, uncorrected.losses)).toBeLessThan(1e-6);
    const moving = await trainingCurve(student, teacher, { ...first, correction }, context);
    expect(moving.losses[0]).toBeCloseTo(uncorrected.losses[0] ?? NaN, 6);
    expect(Math.abs((moving.losses[1] ?? NaN) / (uncorrected.losses[1] ?? NaN) - 1)).toBeGreaterThan(1e-3);
  });

  test('is not corrected by a loss that is no number or fails: the term is named', async () => {
    const mean = crossEntropyLoss();
    const perRow: DataLoss = { ...mean, name: 'per-row', loss: (_student, { weights }) => weights };
    const failing: DataLoss = {
      ...mean,
      name: 'failing',
      loss: () => {
        throw new TypeError('no such state');
      },
    };
    const corrected = (term: DataLoss) => {
      const own = { ...correction, losses: [{ term, weight: 1 }] };
      return trainingCurve(student, teacher, { ...options, ...rest, accumulate: 1, correction: own }, context);
    };
    await expect(corrected(perRow)).rejects.toThrow(/^use loss "per-row": it gives .* must give one float32 number/);
    await expect(corrected(failing)).rejects.toThrow('use loss "failing": no such state. Correct the loss term.');
  });

  test('learns at a fifth of the rate, as the paper has it', () => {
    expect(correctionDefaults).toEqual({ shareOfPeakRate: 0.2, warmupSteps: 120 });
  });
});

test('a document that the teacher writes is one token longer than a training sequence, but never longer than its context', async () => {
  const short: Model = { ...teacher, architecture: { ...teacher.architecture, contextLength: 8 } };
  for (const [length, written] of [
    [5, 6],
    [8, 8],
  ] as const) {
    const data = await teacherSource({ batch: 2, temperature: 0.7 }).open({ ...context, teacher: short, length });
    const documents = await takeDocuments(data.training(context.random.fork('training')), 2);
    expect(documents.map((own) => documentIds(own).length)).toEqual([written, written]);
    await data.close?.();
  }
});

test('without any dataset, a student of text that the teacher wrote comes nearer to the teacher', async () => {
  const source = teacherSource({ length: 9, batch: 8, temperature: 0.7, topP: 0.95 });
  const size = { batch: 4, length: 8 };
  const data = await source.open({ ...context, teacher, length: 8 });
  const documents = (use: string) => remembered(data.training(context.random.fork(use)));
  const written = ['calibration', 'training', 'validation'].map(documents);
  const [calibration, training, validation] = written.map(({ documents: own }) => sourceBatches(source, own, size));
  if (calibration === undefined || training === undefined || validation === undefined) throw new Error('no text');
  const losses: number[] = [];
  const held: TokenBatch[] = [];
  for await (const one of validation) if (held.push(one) === 2) break;
  const { student: trained } = await Pipeline.of({ teacher }, context)
    .pipe(
      calibrate({ scorers: [activationScorer()], samples: 16, data: calibration }),
      score([activationScorer()]),
      search(proportionalWidthSearch(), { kind: 'share', share: 0.5 }),
      prune(widthPruner()),
      distil({
        losses: [...language, { term: forwardKlLoss(), weight: 1 }],
        optimizer: adamw(),
        schedule: cosine({ peak: 0.005 }),
        tokens: 20 * 32,
        data: training,
        evaluation: { every: 10, data: () => held, losses: language },
        ...size,
      }),
    )
    .run((event) => {
      if (event.type === 'metric' && event.name === 'validation/loss') losses.push(event.value);
    });
  for (const { close } of written) await close();
  expect(losses).toHaveLength(2);
  expect(losses[1]).toBeLessThan(losses[0] ?? 0);
  expect(trained.architecture.sizes.hidden).toBeLessThan(teacher.architecture.sizes.hidden);
});

test.each<readonly [string, Partial<Optimizer>, RegExp]>([
  ['leaves out a moment', { moments: ['velocity'] }, /declares the moments velocity, and its update gives \(none\)/],
  [
    'gives one that it does not declare',
    { update: (own) => ({ ...sgd().update(own), moments: { velocity: own.gradient } }) },
    /declares the moments \(none\), and its update gives velocity/,
  ],
])('an optimiser that %s is refused', async (_name, own, found) => {
  const optimizer: Optimizer = { ...sgd(), ...own };
  const run = trainingCurve(student, teacher, { ...options, optimizer }, context);
  await expect(run).rejects.toThrow(InputError);
  await expect(run).rejects.toThrow(found);
});
