// What a step of a recipe may ask for beyond the ordinary, from the recipe to the run folder.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, type PipelineEvent, type PrunePlan } from '@espalier/core';
import { type CompressionStepInput } from '@espalier/run';
import { llama } from '@espalier/plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const size = { batch: 4, length: 16 };

/** Runs a recipe of one step and gives its events and a reader of the files that it left. */
async function runStep(name: string, step: CompressionStepInput) {
  const run = join(bench.folder, name);
  const recipe = { model: bench.model, data: bench.text, steps: [{ name: 'step', ...step }] };
  await writeFile(`${run}.json`, JSON.stringify(recipe));
  const { code, stderr } = await runCaptured('compress', '--recipe', `${run}.json`, '--run', run, '--json');
  expect(code, stderr).toBe(0);
  const file = (path: string): Promise<string> => readFile(join(run, path), 'utf8');
  const events = (await file('events.ndjson'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PipelineEvent);
  const findings = (kind: string): readonly string[] =>
    events.flatMap((event) => (event.type === 'finding' && event.name === kind ? [event.message] : []));
  const metrics = (metric: string): readonly PipelineEvent[] =>
    events.filter((event) => event.type === 'metric' && event.name === metric);
  return { run, file, events, findings, metrics };
}

test('a corrected teacher, importance in rounds, a checked ranking, a balancer and a mapping', async () => {
  const { run, file, events, findings } = await runStep('all', {
    target: '60%',
    importance: { samples: 8, ...size, rounds: 2, checkRanking: true },
    distillation: {
      tokens: 128,
      ...size,
      losses: ['forward-kl', 'block-output'],
      balancer: 'dynamic-alpha',
      mapping: { name: 'from-last', back: 0 },
      correction: { tokens: 128 },
    },
  });
  expect(findings('round')).toHaveLength(2);
  expect(findings('ranking')).toHaveLength(1);
  expect(findings('masked-check')).toHaveLength(1);
  expect(findings('training')).toEqual([
    'training on cross-entropy: 2 steps, 128 tokens',
    'training on forward-kl + block-output, balanced by dynamic-alpha: 2 steps, 128 tokens',
  ]);
  const order = events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []));
  expect(order.indexOf('correct')).toBeLessThan(order.indexOf('calibrate'));
  // What was cut is the corrected model.
  const [before, after] = [await loadModel(bench.model, [llama()]), await loadModel(correctedIn(run), [llama()])];
  const name = 'model.norm.weight';
  expect(await after.model.weights.read(name)).not.toEqual(await before.model.weights.read(name));
  await Promise.all([before.close(), after.close()]);
  expect(await file('stages/step/distilled/distil/record.json')).toContain('"tokens": 128');
});

const correctedIn = (run: string): string => join(run, 'stages', 'step', 'teacher', 'correct', 'student');

test('a search that trains leaves nothing but its plan', async () => {
  const { run, file, findings } = await runStep('halving', {
    target: '70%',
    search: { name: 'halving', candidates: 2, rungs: [64, 128] },
    importance: { samples: 8, ...size },
    distillation: { tokens: 128, ...size },
  });
  expect(findings('candidates')).toHaveLength(1);
  expect(JSON.parse(await file('stages/step/prune/plan.json'))).toHaveProperty('layers');
  await expect(readdir(join(run, 'checkpoints', 'step', 'search'))).rejects.toThrow('ENOENT');
});

test('held-back text is measured every so many steps, and after the last', async () => {
  const { metrics } = await runStep('validated', {
    target: '70%',
    importance: { samples: 8, ...size },
    distillation: { tokens: 5 * 64, ...size, losses: ['cross-entropy'], validateEvery: 2 },
  });
  const found = metrics('validation/loss').flatMap((event) => (event.type === 'metric' ? [event] : []));
  expect(found.map(({ step }) => step)).toEqual([1, 3, 4]);
  expect(found.every(({ value }) => value > 0 && Number.isFinite(value))).toBe(true);
});

test('layers measured by leaving out as many neighbours as go, and the least missed run goes whole', async () => {
  const { file, events, findings } = await runStep('depth', {
    target: 'layers=1',
    search: 'depth',
    pruner: 'depth',
    importance: { samples: 8, ...size, depth: { blocks: true, documents: 4 } },
    distillation: { tokens: 64, ...size },
  });
  const [measured] = events.flatMap((event) =>
    event.type === 'finding' && event.name === 'depth' ? [event.data] : [],
  );
  const { blocks } = z
    .object({ blocks: z.array(z.object({ start: z.int(), length: z.int(), score: z.number() })) })
    .parse(measured);
  expect(blocks.map(({ start, length }) => [start, length])).toEqual([
    [0, 2],
    [1, 2],
  ]);
  const least = blocks.reduce((a, b) => (b.score < a.score ? b : a));
  const { layers } = JSON.parse(await file('stages/step/prune/plan.json')) as PrunePlan;
  expect(layers).toEqual([0, 1, 2].filter((layer) => layer < least.start || layer >= least.start + 2));
  expect(findings('depth').join()).toContain('quality by perplexity of the whole model');
});

test('an evaluator that is not there, cloze without questions, and rounds beside it are refused', async () => {
  const refused = async (depth: object, rounds = 1): Promise<string> => {
    const step = {
      target: '50%',
      importance: { samples: 8, ...size, rounds, depth },
      distillation: { tokens: 64, ...size },
    };
    const path = join(bench.folder, 'refused.json');
    await writeFile(path, JSON.stringify({ model: bench.model, data: bench.text, steps: [step] }));
    const { code, stderr } = await runCaptured('compress', '--recipe', path, '--run', join(bench.folder, 'refused'));
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused({ evaluator: 'perplexty' })).toContain('Perhaps "perplexity" was meant');
  expect(await refused({ evaluator: 'cloze' })).toContain('the data has nothing for it, such as cloze questions');
  expect(await refused({}, 2)).toContain('Set importance.rounds to 1');
});

test('a teacher that learns while it teaches, and heads that take up the dropped ones', async () => {
  const { file, metrics } = await runStep('meanwhile', {
    target: 'heads=2',
    pruner: { name: 'width', mergeHeads: true },
    importance: { samples: 8, ...size },
    distillation: { tokens: 128, ...size, correction: { when: 'meanwhile' } },
  });
  expect(metrics('teacherLoss')).toHaveLength(2);
  const { mergedHeads } = JSON.parse(await file('stages/step/prune/plan.json')) as PrunePlan;
  expect(mergedHeads?.flat()).not.toEqual([]);
});

test('a balancer that is not known is refused with its place in the recipe', async () => {
  const recipe = {
    model: bench.model,
    data: bench.text,
    steps: [{ target: '60%', distillation: { balancer: 'dynamic-aplha' } }],
  };
  const path = join(bench.folder, 'wrong.json');
  await writeFile(path, JSON.stringify(recipe));
  const { code, stderr } = await runCaptured('compress', '--recipe', path, '--run', join(bench.folder, 'wrong'));
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/balancer.*Perhaps "dynamic-alpha"/s);
});
