// A training that a stop rule ends: where, with which weights, and to the same bytes after a break.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CancelledError,
  definePlugin,
  strategy,
  type MetricEvent,
  type Model,
  type PipelineEvent,
} from '@espalier/core';
import { filter, map, tap, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, type Bench } from '../testing/bench.js';
import { compress, finished, resume, type RunEvent, type RunOptions } from './run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const after = strategy('stop', {
  name: 'after',
  summary: 'ends after a metric of a step',
  options: z.strictObject({ metric: z.string().default('loss'), step: z.int() }),
  create: ({ metric, step }) => ({
    when: (metrics) => metrics.pipe(filter((own) => own.name === metric && own.step >= step)),
  }),
});
const failing = strategy('stop', {
  name: 'failing',
  summary: 'fails at the second loss',
  create: () => ({
    when: (metrics) =>
      metrics.pipe(
        filter(({ name, step }: MetricEvent) => name === 'loss' && step === 1),
        map(() => {
          throw new Error('no more numbers');
        }),
      ),
  }),
});
const neverThere = strategy('stop', {
  name: 'never-there',
  summary: 'fails as soon as it is asked',
  create: () => ({ when: () => throwError(() => new Error('not today')) }),
});
const plugins = [definePlugin({ name: 'stops', provides: [after, failing, neverThere] })];
const perStep = 4 * 16;

/** A rate so high that the validation loss soon rises; the same at every step, so that a shorter training is a part of a longer. */
const training = (steps: number, own: object = {}) => ({
  ...bench.recipe,
  checkpoints: { everySteps: 1 },
  steps: [
    {
      ...bench.recipe.steps[0]!,
      distillation: {
        ...bench.recipe.steps[0]?.distillation,
        tokens: steps * perStep,
        schedule: { name: 'constant', peak: 0.2, warmup: 0 },
        ...own,
      },
    },
  ],
});

async function run(recipe: ReturnType<typeof training>, options: RunOptions = {}) {
  const events: PipelineEvent[] = [];
  const listening = tap((event: RunEvent) => {
    if (event.type !== 'result') events.push(event);
  });
  const result = await finished(compress(recipe, { ...options, plugins }).pipe(listening));
  const stopped = events.find((event) => event.type === 'finding' && event.name === 'stopped');
  const losses = events.flatMap((event) =>
    event.type === 'metric' && event.name === 'validation/loss' ? [event.value] : [],
  );
  return { ...result, stopped, losses };
}

async function weightsOf(model: Model | undefined): Promise<readonly number[]> {
  if (model === undefined) throw new Error('no such student');
  return [...(await model.weights.read('model.layers.0.mlp.up_proj.weight'))];
}

describe('a training that a rule ends', () => {
  test('ends after the step at work, and has taken no more tokens than that', async () => {
    const { rows, stopped, students } = await run(training(8, { stop: { name: 'after', step: 3 } }));
    expect(stopped).toMatchObject({ data: { rule: 'after', steps: 4, of: 8, tokens: 4 * perStep } });
    expect(rows.at(-1)).toMatchObject({ name: 'narrow/distilled', trainingTokens: 4 * perStep });
    const plain = await run(training(4));
    expect(await weightsOf(students.get('narrow/distilled'))).toEqual(
      await weightsOf(plain.students.get('narrow/distilled')),
    );
    expect(plain.stopped).toBeUndefined();
  });

  test('gives the weights of the least validation loss, those of a training up to that step', async () => {
    const stop = { name: 'after', metric: 'validation/loss', step: 6 };
    const { losses, stopped, students } = await run(training(20, { stop, validateEvery: 1 }));
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(losses).toHaveLength(7);
    expect(best).toBeLessThan(7);
    expect(stopped).toMatchObject({ data: { steps: 7, best: { steps: best, loss: Math.min(...losses) } } });
    const plain = await run(training(best));
    expect(await weightsOf(students.get('narrow/distilled'))).toEqual(
      await weightsOf(plain.students.get('narrow/distilled')),
    );
  });

  test('comes to the same after a break behind its best step', async () => {
    const recipe = training(40, { stop: { name: 'plateau', patience: 3, minimum: 0.01 }, validateEvery: 1 });
    const [unbroken, folder] = ['unbroken', 'broken'].map((name) => join(bench.folder, name));
    if (unbroken === undefined || folder === undefined) throw new Error('no folders');
    const whole = await run(recipe, { folder: unbroken });
    expect(whole.stopped).toMatchObject({ data: { of: 40 } });
    const signal = new AbortController();
    const late = whole.losses.length - 2;
    const breaking = tap((event: RunEvent) => {
      if (event.type === 'metric' && event.name === 'loss' && event.step === late) signal.abort();
    });
    await expect(finished(compress(recipe, { folder, plugins, signal: signal.signal }).pipe(breaking))).rejects.toThrow(
      CancelledError,
    );
    const resumed = await finished(resume(folder, { plugins }));
    const student = (at: string) => readFile(join(at, 'stages/narrow/distilled/distil/student/model.safetensors'));
    expect((await student(folder)).equals(await student(unbroken))).toBe(true);
    expect(resumed.rows.map(({ trainingTokens }) => trainingTokens)).toEqual(
      whole.rows.map(({ trainingTokens }) => trainingTokens),
    );
  });

  test('is compared at the tokens that it took', async () => {
    const recipe = training(8, { stop: { name: 'after', step: 1 } });
    const { rows } = await run({ ...recipe, steps: [{ ...recipe.steps[0]!, compare: ['lm-loss'] }] });
    expect(rows.map(({ trainingTokens }) => trainingTokens)).toEqual([0, 0, 2 * perStep, 2 * perStep]);
  });
});

describe('a rule', () => {
  test('that fails, at once or later, fails the training by its name', async () => {
    await expect(run(training(8, { stop: 'failing' }))).rejects.toThrow(/stop rule "failing"[^]*no more numbers/);
    await expect(run(training(8, { stop: 'never-there' }))).rejects.toThrow(/stop rule "never-there"[^]*not today/);
  });

  test('that waits for what is not measured is refused before any work', async () => {
    await expect(run(training(8, { stop: 'plateau' }))).rejects.toThrow(/validation\/loss[^]*validateEvery/);
  });
});
