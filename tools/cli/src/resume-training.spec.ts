// Training on ONNX Runtime that is broken off, resumed, watched and that goes wrong. What it computes is checked in
// golden-training.spec.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan,
  distil,
  DivergedError,
  fullPlan,
  memoryWeights,
  padRows,
  random,
  trainModel,
  weightSpecs,
  type Model,
  type StageReport,
  type Trained,
  type TrainingCheckpoint,
  type TrainOptions,
} from '@espalier/core';
import { fixtureModel } from '@espalier/testing';
import {
  adamw,
  blockOutputLoss,
  cosine,
  crossEntropyLoss,
  dynamicAlphaBalancer,
  forwardKlLoss,
  llama,
  sgd,
} from '@espalier/plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNewestCheckpoint, saveCheckpoint, type OpenCheckpoint } from '@espalier/run';

const teacher = await fixtureModel(
  fileURLToPath(new URL('../../../packages/core/src/testing/fixtures/tiny-llama', import.meta.url)),
  llama(),
);
const { ffn, heads, kvHeads } = fullPlan(teacher.architecture);
const student = applyPlan(teacher, {
  layers: [0],
  hidden: Array.from({ length: 24 }, (_, index) => index),
  ffn: ffn.slice(0, 1),
  heads: heads.slice(0, 1),
  kvHeads: kvHeads.slice(0, 1),
});
const context = { backend: ortBackend(), random: random(3) };
const STEPS = 6;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inputs = { test: 'resume' };
const store = (name: string) => ({
  save: (checkpoint: TrainingCheckpoint) => saveCheckpoint(join(folder, name), checkpoint, { keep: 1, inputs }),
  async open(): Promise<OpenCheckpoint> {
    const found = await openNewestCheckpoint(join(folder, name), inputs, () => undefined);
    if (found === undefined) throw new Error('there is no checkpoint');
    return found;
  },
});

/** Batch `index` of the training text. */
function batch(index: number) {
  const stream = random(100 + index);
  const row = (): number[] => Array.from({ length: 9 }, () => stream.integer(96));
  return padRows([row(), row()], { batch: 2, length: 8 });
}

const batches = (count: number) => Array.from({ length: count }, (_, index) => batch(index));

/** Six steps in which everything has a state: projection, accumulators, a balancer, a teacher that learns. */
const everything: TrainOptions = {
  losses: [
    { term: forwardKlLoss(), weight: 1 },
    { term: blockOutputLoss(), weight: 1 },
  ],
  balancer: dynamicAlphaBalancer(),
  optimizer: adamw(),
  schedule: cosine({ peak: 0.01, warmup: 2 }),
  tokens: STEPS * 2 * 16,
  batch: 2,
  length: 8,
  accumulate: 2,
  data: batches(2 * STEPS),
  correction: {
    losses: [{ term: crossEntropyLoss(), weight: 1 }],
    optimizer: adamw(),
    schedule: cosine({ peak: 0.002 }),
  },
};
const { correction: _correction, balancer: _balancer, accumulate: _accumulate, ...rest } = everything;
const plain: TrainOptions = {
  ...rest,
  losses: [{ term: crossEntropyLoss(), weight: 1 }],
  tokens: STEPS * 16,
  data: batches(STEPS),
};

interface Run extends Trained {
  readonly reports: readonly StageReport[];
}

async function run(options: TrainOptions, signal = new AbortController().signal, own: Model = student): Promise<Run> {
  const reports: StageReport[] = [];
  const needsTeacher = options.losses.some(({ term }) => term.needsTeacher);
  const tools = { signal, report: (event: StageReport) => void reports.push(event) };
  return { ...(await trainModel(own, needsTeacher ? teacher : undefined, options, context, tools)), reports };
}

const series = (reports: readonly StageReport[], name: string): readonly number[] =>
  reports.flatMap((event) => (event.type === 'metric' && event.name === name ? [event.value] : []));

async function expectSameBits(actual: Model | undefined, expected: Model | undefined): Promise<void> {
  if (actual === undefined || expected === undefined) throw new Error('a model is missing');
  for (const { name } of weightSpecs(expected)) {
    const [own, other] = [await actual.weights.read(name), await expected.weights.read(name)];
    expect(Buffer.from(own.buffer).equals(Buffer.from(other.buffer)), name).toBe(true);
  }
}

describe('a training that is broken off', () => {
  test('and resumed from its checkpoint file ends with the same bits as one that was not', async () => {
    const whole = await run(everything);
    const { save, open } = store('everything');
    const stop = new AbortController();
    const broken = run(
      {
        ...everything,
        checkpoint: {
          every: 2,
          async save(checkpoint) {
            await save(checkpoint);
            if (checkpoint.step === 4) stop.abort();
          },
        },
      },
      stop.signal,
    );
    await expect(broken).rejects.toThrow(/abort/);
    const { training, close } = await open();
    expect(training).toMatchObject({ step: 4, batches: 8 });
    const resumed = await run({ ...everything, checkpoint: { every: 2, save, resumeFrom: training } });
    await close();
    await expectSameBits(resumed.model, whole.model);
    await expectSameBits(resumed.teacher, whole.teacher);
    expect(resumed.record.finalLoss).toBe(whole.record.finalLoss);
    expect(series(resumed.reports, 'loss')).toEqual(series(whole.reports, 'loss').slice(4));
    expect(resumed.reports.find(({ type }) => type === 'metric')).toMatchObject({ step: 4 });
  });

  test('after its last step runs no further step', async () => {
    const { save, open } = store('done');
    const whole = await run({ ...plain, checkpoint: { every: STEPS, save } });
    const { training, close } = await open();
    const again = (): Promise<void> => Promise.reject(new Error('saved again'));
    const resumed = await run({ ...plain, data: [], checkpoint: { every: 1, save: again, resumeFrom: training } });
    await close();
    await expectSameBits(resumed.model, whole.model);
    expect(resumed.record).toMatchObject({ steps: STEPS, finalLoss: whole.record.finalLoss });
  });

  test('is not resumed with another optimiser, or another student', async () => {
    const { save, open } = store('other');
    await run({ ...plain, checkpoint: { every: 3, save } });
    const { training, close } = await open();
    const checkpoint = { every: 3, save, resumeFrom: training };
    await expect(run({ ...plain, optimizer: sgd(), checkpoint })).rejects.toThrow(
      /has "moment1\/student\/.*", which is not trained here/,
    );
    await expect(run({ ...plain, checkpoint }, undefined, teacher)).rejects.toThrow(
      /"student\/model.embed_tokens.weight"; it must be float32\[96, 32\]/,
    );
    await close();
  });
});

describe('a training that goes wrong', () => {
  test('stops at the step whose loss is no number, and names the last good checkpoint', async () => {
    const saved: number[] = [];
    // An infinite rate at step 3 (0-based) makes the weights infinite: the loss of step 4 shows it.
    const schedule = (step: number): number => (step === 3 ? 1e38 : 0.001);
    const options = {
      ...plain,
      schedule,
      checkpoint: { every: 3, save: ({ step }: { step: number }) => Promise.resolve(void saved.push(step)) },
    };
    const error: unknown = await run(options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({ step: 4, lastCheckpoint: 3 });
    expect(String(error)).toMatch(/at step 4 \(0-based\); the checkpoint after 3 steps is good/);
    expect(saved).toEqual([3]);
  });

  test('saves no checkpoint of weights that are no numbers, and names the tensor', async () => {
    const saved: number[] = [];
    const schedule = (): number => Infinity;
    const checkpoint = { every: 1, save: ({ step }: { step: number }) => Promise.resolve(void saved.push(step)) };
    await expect(run({ ...plain, schedule, checkpoint })).rejects.toThrow(
      /student\/model.embed_tokens.weight is no longer finite at step 0 \(0-based\)/,
    );
    expect(saved).toEqual([]);
  });

  test('does not begin with weights that are no numbers', async () => {
    const name = 'model.layers.0.mlp.up_proj.weight';
    const values = await Promise.all(
      weightSpecs(student).map(async (spec) => [spec.name, await student.weights.read(spec.name)] as const),
    );
    const broken = new Map(
      values.map(([key, own]) => [key, key === name ? own.map((x, i) => (i === 5 ? NaN : x)) : own]),
    );
    await expect(run(plain, undefined, { ...student, weights: memoryWeights(broken) })).rejects.toThrow(
      /element 5 of weight "model.layers.0.mlp.up_proj.weight" is NaN/,
    );
  });

  test('is refused without a loss, and with a correction of a teacher that is not there', async () => {
    await expect(run({ ...plain, losses: [] })).rejects.toThrow(/there is no loss term/);
    const { correction } = everything;
    if (correction === undefined) throw new Error('no correction');
    await expect(run({ ...plain, correction })).rejects.toThrow(/there is no teacher/);
  });
});

describe('a training that is watched', () => {
  test('reports the losses of held-back text at every so many steps and at the last', async () => {
    const data = () => batches(3);
    const { reports } = await run({ ...plain, evaluation: { every: 4, data } });
    const validation = reports.filter((event) => event.type === 'metric' && event.name === 'validation/loss');
    expect(validation.map((event) => event.type === 'metric' && event.step)).toEqual([3, 5]);
  });

  test('evaluates the weights that the step has left: the loss of the next step on the same batch', async () => {
    const again = [batch(0), batch(0)];
    const options = { ...plain, tokens: 2 * 16, data: again, evaluation: { every: 1, data: () => [batch(0)] } };
    const { reports } = await run(options);
    expect(series(reports, 'validation/loss')[0]).toBeCloseTo(series(reports, 'loss')[1] ?? NaN, 5);
  });

  test('reports every term where there are several', async () => {
    const { reports } = await run({ ...everything, tokens: 32 });
    const [total, kl, states] = ['loss', 'loss/forward-kl', 'loss/block-output'].map(
      (name) => series(reports, name)[0] ?? NaN,
    );
    expect(total).toBeCloseTo(2 * (kl ?? NaN), 5);
    expect(states).toBeGreaterThan(0);
  });

  test('ends when nobody listens any more', async () => {
    let seen = 0;
    await new Promise<void>((resolve) => {
      const events = distil({ ...plain, losses: plain.losses })({ teacher, student }, context);
      const subscription = events.subscribe((event) => {
        if (event.type !== 'metric' || event.name !== 'loss') return;
        seen += 1;
        if (event.step < 1) return;
        subscription.unsubscribe();
        setTimeout(resolve, 50);
      });
    });
    expect(seen).toBe(2);
  });
});
