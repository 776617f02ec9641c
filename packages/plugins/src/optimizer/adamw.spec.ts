// Training in float64 against steps of transformers' model under torch's AdamW (tools/oracle/adamw-steps.py): the first steps
// here, all twenty on ONNX Runtime in @espalier/cli.
import { readFile } from 'node:fs/promises';
import { applyPlan, padRows, random, weightSpecs, type Model, type TrainOptions } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import {
  expectClose,
  modelLogits,
  trainingCurve,
  unpack,
  worstRatio,
  type PackedTensor,
  type TrainingCurve,
} from '@espalier/testing';
import { describe, expect, test } from 'vitest';
import { crossEntropyLoss } from '../loss/cross-entropy.js';
import { forwardKlLoss } from '../loss/forward-kl.js';
import { cosine } from '../schedule/cosine.js';
import { fixture, tinyLlama } from '../testing/tiny-llama.js';
import { adamw } from './adamw.js';

interface Curves {
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
}

interface Golden {
  readonly optimiser: {
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weightDecay: number;
    readonly clipNorm: number;
  };
  readonly schedule: { readonly peak: number; readonly min: number; readonly warmup: number; readonly total: number };
  readonly learningRates: readonly number[];
  /** [steps][4][17] */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly training: { readonly float64: Curves };
  readonly distillation: {
    readonly keep: { readonly hidden: number[]; readonly ffn: number[]; readonly heads: number[] };
    readonly float64: Curves;
    readonly studentLogitsOfStep0Row0: PackedTensor;
  };
}

const golden = JSON.parse(await readFile(fixture('adamw-steps/golden.json'), 'utf8')) as Golden;
const context = { backend: referenceBackend(), random: random(1) };
const { peak, min, warmup, total } = golden.schedule;
const steps = 3;

/** `micro` sequences to a run; of the last sequence of each step only `last` tokens count. */
function options(losses: TrainOptions['losses'], micro = 4, last = 17): TrainOptions {
  const batches = golden.ids.slice(0, steps).flatMap((all) => {
    const rows = all.map((row, index) => (index === 3 ? row.slice(0, last) : row));
    const starts = micro === 4 ? [0] : [0, micro];
    return starts.map((start) => padRows(rows.slice(start, start + micro), { batch: micro, length: 16 }));
  });
  const whole = cosine({ peak, minimum: min, warmup });
  const schedule = (step: number): number => whole(step, total); // the first of all the steps
  const shape = { batch: micro, length: 16, accumulate: 4 / micro, tokens: steps * 4 * 16 };
  return { losses, optimizer: adamw(), schedule, clipNorm: golden.optimiser.clipNorm, data: batches, ...shape };
}

function expectCurve(actual: TrainingCurve, expected: Curves, ratio: number): void {
  expect(worstRatio(actual.losses, expected.losses.slice(0, steps))).toBeLessThan(ratio);
  expect(worstRatio(actual.gradientNorms, expected.gradientNorms.slice(0, steps))).toBeLessThan(ratio);
}

async function expectSameTraining(actual: TrainingCurve, expected: TrainingCurve): Promise<void> {
  expect(worstRatio(actual.gradientNorms, expected.gradientNorms)).toBeLessThan(1e-6);
  for (const { name } of weightSpecs(expected.model)) {
    expectClose(await actual.model.weights.read(name), await expected.model.weights.read(name), 1e-6, name);
  }
}

function student(teacher: Model): Model {
  const { hidden, ffn, heads } = golden.distillation.keep;
  const layers = [0, 1, 2];
  const each = <T>(kept: T): T[] => layers.map(() => kept);
  return applyPlan(teacher, { layers, hidden, ffn: each(ffn), heads: each(heads), kvHeads: each([0, 1]) });
}

const language = [{ term: crossEntropyLoss(), weight: 1 }];
const distillation = [{ term: forwardKlLoss(), weight: 1 }];

describe('adamw and cosine', () => {
  test('have the defaults and the rates of the golden run', () => {
    const { betas, eps, weightDecay } = golden.optimiser;
    const named = adamw({ beta1: betas[0], beta2: betas[1], epsilon: eps, weightDecay });
    for (const step of [1, 7]) expect(adamw().scalars(step, 0.01)).toEqual(named.scalars(step, 0.01));
    const schedule = cosine({ peak, minimum: min, warmup });
    const rates = golden.learningRates.map((_, step) => schedule(step, total));
    expect(rates).toEqual(golden.learningRates);
  });

  test('give the losses and gradient norms of PyTorch', async () => {
    const actual = await trainingCurve(await tinyLlama(), undefined, options(language), context);
    expectCurve(actual, golden.training.float64, 1e-6);
  });

  test('give the losses and gradient norms of PyTorch in distillation', async () => {
    const teacher = await tinyLlama();
    const actual = await trainingCurve(student(teacher), teacher, options(distillation), context);
    expectCurve(actual, golden.distillation.float64, 1e-6);
  });

  test('the student is cut as PyTorch cut it', async () => {
    const rows = golden.ids[0]?.slice(0, 1).map((row) => row.slice(0, 16)) ?? [];
    const logits = await modelLogits(student(await tinyLlama()), rows, context);
    expectClose(logits, unpack(golden.distillation.studentLogitsOfStep0Row0));
  });

  test('two accumulated micro-batches of 2 are one batch of 4', async () => {
    const whole = await trainingCurve(await tinyLlama(), undefined, options(language), context);
    const parts = await trainingCurve(await tinyLlama(), undefined, options(language, 2), context);
    expect(worstRatio(parts.losses, whole.losses)).toBeLessThan(1e-6);
    await expectSameTraining(parts, whole);
  });

  test('micro-batches count by their tokens, so that padding does not change the step', async () => {
    const whole = await trainingCurve(await tinyLlama(), undefined, options(language, 4, 6), context);
    const parts = await trainingCurve(await tinyLlama(), undefined, options(language, 2, 6), context);
    await expectSameTraining(parts, whole);
  });
});
