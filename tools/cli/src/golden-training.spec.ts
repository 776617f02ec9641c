// Twenty steps of AdamW on ONNX Runtime, in float32, against transformers' model under torch (tools/oracle/adamw-steps.py).
// The float64 run of the reference backend is held to the same numbers in @espalier/plugins.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import { applyPlan, padRows, random, weightSpecs, type TrainOptions } from '@espalier/core';
import { expectClose, fixtureModel, trainingCurve, worstRatio, type TrainingCurve } from '@espalier/testing';
import { adamw, cosine, crossEntropyLoss, forwardKlLoss, llama } from '@espalier/plugins';
import { describe, expect, test } from 'vitest';

interface Curves {
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
}

interface Golden {
  readonly optimiser: { readonly clipNorm: number };
  readonly schedule: { readonly peak: number; readonly min: number; readonly warmup: number; readonly total: number };
  readonly learningRates: readonly number[];
  /** [steps][4][17] */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly training: { readonly float32: Curves };
  readonly distillation: {
    readonly keep: { readonly hidden: number[]; readonly ffn: number[]; readonly heads: number[] };
    readonly float32: Curves;
  };
}

const fixtures = new URL('../../../packages/core/src/testing/fixtures/', import.meta.url);
const golden = JSON.parse(await readFile(new URL('adamw-steps/golden.json', fixtures), 'utf8')) as Golden;
const teacher = await fixtureModel(fileURLToPath(new URL('tiny-llama', fixtures)), llama());
const context = { backend: ortBackend(), random: random(1) };

/** All steps of the golden run, `micro` of its four sequences to a run. */
function options(losses: TrainOptions['losses'], micro = 4): TrainOptions {
  const { peak, min, warmup, total } = golden.schedule;
  const data = golden.ids.flatMap((rows) =>
    (micro === 4 ? [0] : [0, micro]).map((start) =>
      padRows(rows.slice(start, start + micro), { batch: micro, length: 16 }),
    ),
  );
  const schedule = cosine({ peak, minimum: min, warmup });
  const shape = { batch: micro, length: 16, accumulate: 4 / micro, tokens: total * 4 * 16 };
  return { losses, optimizer: adamw(), schedule, clipNorm: golden.optimiser.clipNorm, data, ...shape };
}

function expectCurve(actual: TrainingCurve, { losses, gradientNorms }: Curves): void {
  expect(actual.learningRates).toEqual(golden.learningRates);
  expect(worstRatio(actual.losses, losses)).toBeLessThan(1e-4);
  // Torch's own float32 norms are up to 6e-5 from its float64 ones: early rounding errors grow.
  expect(worstRatio(actual.gradientNorms, gradientNorms)).toBeLessThan(2e-4);
}

const language = [{ term: crossEntropyLoss(), weight: 1 }];

describe('training on ONNX Runtime', () => {
  test('has the loss of PyTorch at each of 20 steps', async () => {
    expectCurve(await trainingCurve(teacher, undefined, options(language), context), golden.training.float32);
  });

  test('has the loss of PyTorch at each of 20 distillation steps', async () => {
    const { hidden, ffn, heads } = golden.distillation.keep;
    const layers = [0, 1, 2];
    const each = <T>(kept: T): T[] => layers.map(() => kept);
    const plan = { layers, hidden, ffn: each(ffn), heads: each(heads), kvHeads: each([0, 1]) };
    const losses = [{ term: forwardKlLoss(), weight: 1 }];
    const actual = await trainingCurve(applyPlan(teacher, plan), teacher, options(losses), context);
    expectCurve(actual, golden.distillation.float32);
  });

  test('accumulates: two micro-batches of 2 are one batch of 4', async () => {
    const few = { ...options(language), tokens: 3 * 64 };
    const whole = await trainingCurve(teacher, undefined, few, context);
    const parts = await trainingCurve(teacher, undefined, { ...options(language, 2), tokens: 3 * 64 }, context);
    expect(worstRatio(parts.losses, whole.losses)).toBeLessThan(1e-5);
    for (const { name } of weightSpecs(teacher)) {
      expectClose(await parts.model.weights.read(name), await whole.model.weights.read(name), 1e-5, name);
    }
  });

  test('gives the same bits twice', async () => {
    const [first, second] = [
      await trainingCurve(teacher, undefined, options(language), context),
      await trainingCurve(teacher, undefined, options(language), context),
    ];
    expect(second.losses).toEqual(first.losses);
    expect(second.gradientNorms).toEqual(first.gradientNorms);
  });
});
