// Estimates against the exact counts of a shape, and shortages that are told before anything is spent.
import { createRunContainer, weightBytes, type ModelShape } from '@espalier/core';
import { halvingSearch, llama, minitronPlugin, perplexity, taylorScorer } from '@espalier/plugins';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planStep, type PlannedStep } from '../steps/plan-steps.js';
import { resolveSteps } from '../steps/resolve-step.js';
import { compressionSteps } from '../steps/step-schema.js';
import { capacitiesOf, largestModels } from './capacity.js';
import { gpuEstimates, readGpus } from './gpus.js';
import { readMachine } from './machine.js';
import { certainBytes, longSteps, settleShortages, shortages, shortageWords } from './shortage.js';

const family = llama();
/** Llama 2 7B: 6,738,415,616 parameters. */
const config = {
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 11008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 32,
  vocab_size: 32000,
  max_position_embeddings: 4096,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  hidden_act: 'silu',
  tie_word_embeddings: false,
};
const shape: ModelShape = { family, architecture: family.readConfig(config) };
/** 220 million parameters, 0.9 GB in float32: few enough to be loaded whole. */
const below: ModelShape = {
  family,
  architecture: family.readConfig({ ...config, hidden_size: 1024, intermediate_size: 2816, num_hidden_layers: 12 }),
};
const P = 6_738_415_616;
const container = createRunContainer([minitronPlugin]);
function half(from: ModelShape = shape): PlannedStep {
  const [own] = resolveSteps(compressionSteps.parse([{ target: '50%' }]), container);
  if (own === undefined) throw new Error('no step');
  return planStep({ original: from, from }, own);
}
const needed = (planned: readonly PlannedStep[]) => ({
  planned,
  trainings: new Map([['step-1', 2]]),
  onHost: true,
  inFolder: true,
  keep: 2,
});
const GB = 1e9;
const machine = { memory: 512 * GB, available: 500 * GB, cores: 8, disk: 1000 * GB };

test('the largest model for a time and a memory is the one whose exact counts come to them, but for attention', () => {
  const step = half();
  const time = { rate: 1, seconds: step.flops, memory: Infinity };
  const byTime = largestModels(time).find(({ work }) => work === 'distil');
  expect(byTime?.bound).toBe('time');
  expect(Math.abs((byTime?.parameters ?? NaN) / P - 1)).toBeLessThan(0.05);
  const { state, teacher } = step.memory;
  const gradients = weightBytes(step.to, 'F32');
  const space = { rate: Infinity, seconds: 1, memory: state + gradients + teacher };
  const bySpace = largestModels(space).find(({ work }) => work === 'distil');
  expect(bySpace?.bound).toBe('memory');
  expect(Math.abs((bySpace?.parameters ?? NaN) / P - 1)).toBeLessThan(0.05);
});

test('a model fits by the bytes of its plan, and reads the tokens of its plan in the time of its plan', () => {
  const step = half();
  const means = { rate: 1e12, seconds: step.flops / 1e12, memory: step.memory.total };
  const distil = capacitiesOf(shape, step.to, means).find(({ work }) => work === 'distil');
  expect(distil).toMatchObject({ fits: true, bytes: step.memory.total });
  expect(distil?.tokens).toBeCloseTo(step.tokens, -1);
  const less = capacitiesOf(shape, step.to, { ...means, memory: step.memory.total - 1 });
  expect(less.map(({ fits }) => fits)).toEqual([true, true, false]);
  // A layer of 7B has four products of 4096 × 4096, three of 4096 × 11,008, and two norms; 1,024 × 256 states of 4096 are passed on in
  // groups of at most 512 MiB.
  const layer = 4 * 4096 ** 2 + 3 * 4096 * 11008 + 2 * 4096;
  expect(less[0]?.bytes).toBeGreaterThan(2 ** 28 + 2 * layer);
  expect(less[0]?.bytes).toBeLessThan(2 ** 29 + 6 * layer + 2 ** 30);
  // The smaller model is loaded whole.
  const [calibrated, checked] = capacitiesOf(below, below, means);
  expect(calibrated?.bytes).toBeGreaterThan(weightBytes(below, 'F32'));
  expect(checked?.bytes).toBeLessThan(weightBytes(below, 'F32') + 2 ** 28);
});

test('what cannot end well is refused, what is estimated is told, and enough is passed over', () => {
  const step = half();
  const told: string[] = [];
  const logger = { warn: (line: string) => void told.push(line) };
  expect(shortages(needed([step]), machine)).toEqual([]);

  const small = shortages(needed([step]), { ...machine, memory: 24 * GB });
  expect(() => settleShortages(small, { allow: false, logger })).toThrow(/needs at least 40\.0 GB of memory.*24\.0 GB/);
  settleShortages(small, { allow: true, logger });
  expect(told).toEqual(small.map(shortageWords));

  const busy = shortages(needed([step]), { ...machine, available: 60 * GB });
  expect(busy).toMatchObject([{ certain: false }]);
  settleShortages(busy, { allow: false, logger });
  expect(told.at(-1)).toMatch(/about 6\d\.\d GB of memory, and 60\.0 GB are free.*smaller batch or length/);

  // Two models of 3.33B in two bytes, and a checkpoint of three numbers of four bytes for each parameter: 53.3 GB.
  const full = shortages(needed([step]), { ...machine, disk: 53 * GB });
  expect(() => settleShortages(full, { allow: false, logger })).toThrow(/at least 53\.3 GB, and 53\.0 GB are free/);
});

test('a disk that may not hold all checkpoints at once is told of, not refused', () => {
  // Two models of 6.66 GB, and four checkpoints of 40 GB: the two newest, the best, and the one that is being written.
  const [own] = shortages(needed([half()]), { ...machine, disk: 172 * GB });
  expect(own?.certain).toBe(false);
  expect(own?.parts.found).toMatch(/up to 4 checkpoints at once \(40\.0 GB each\) take 173 GB, and 172 GB are free/);
  expect(shortages({ ...needed([half()]), keep: 1 }, { ...machine, disk: 172 * GB })).toEqual([]);
});

test('a run that does not train needs the weights of what it loads whole, and nothing where it loads nothing', () => {
  const small = { ...machine, memory: 0.5 * GB, disk: 1 };
  const step = half(below);
  const [score, cut] = (['score', 'cut'] as const).map((extent) => shortages({ ...needed([step]), extent }, small));
  expect(score).toMatchObject([{ certain: true, parts: { found: expect.stringContaining('in float32') as string } }]);
  expect(cut).toHaveLength(1);
  const blind = { ...step.resolved.step, checkCut: false };
  const unread = { ...step, resolved: { ...step.resolved, scorers: [], step: blind } };
  expect(shortages({ ...needed([unread]), extent: 'cut' }, small)).toEqual([]);
  const checked = { ...step, resolved: { ...step.resolved, scorers: [] } };
  expect(shortages({ ...needed([checked]), extent: 'cut' }, small)).toHaveLength(1);
  expect(shortages({ ...needed([checked]), extent: 'score' }, small)).toEqual([]);
});

test('a large model, which is run layer by layer, is loaded whole by gradients and by a search that trains alone', () => {
  const small = { ...machine, memory: 4 * GB, disk: 1 };
  const found = (step: PlannedStep, extent: 'score' | 'cut') =>
    shortages({ ...needed([step]), extent }, small).map(({ parts }) => parts.fix);
  const step = half();
  const ranked = { ...step.resolved.step, importance: { ...step.resolved.step.importance, checkRanking: true } };
  const { depth = perplexity() } = step.resolved;
  const all = { ...step, resolved: { ...step.resolved, step: ranked, depth } };
  expect([found(all, 'score'), found(all, 'cut')]).toEqual([[], []]);
  const backward = { ...step, resolved: { ...step.resolved, scorers: [taylorScorer()] } };
  expect(found(backward, 'score')).toEqual([expect.stringContaining('without taylor')]);
  const trying = { ...step, resolved: { ...step.resolved, search: halvingSearch({}) } };
  expect(found(trying, 'score')).toEqual([]);
  expect(found(trying, 'cut')).toEqual([expect.stringContaining('a search that does not train')]);
  // In a training, only what is trained counts.
  const needs = certainBytes(step);
  // A large teacher is read where it lies.
  expect(needs).toBe(step.memory.state);
  expect(certainBytes({ ...step, memory: { ...step.memory, state: 0 } })).toBe(0);
});

test('a training of more than a month, however fast the processor, is told of', () => {
  const step = half();
  const month = 30 * 86_400 * 2e11 * 8;
  expect(longSteps([{ ...step, flops: 0.99 * month }], 8)).toEqual([]);
  expect(longSteps([{ ...step, flops: 12.5 * month }], 8)).toEqual([expect.stringMatching(/take more than 375 days/)]);
});

test('nothing is said of the memory of a device that is not the host, of a disk that is not written to, and of shapes to be measured', () => {
  const step = half();
  const none = { memory: 1, available: 1, cores: 1, disk: 1 };
  expect(shortages({ ...needed([step]), onHost: false, inFolder: false }, none)).toEqual([]);
  expect(shortages(needed([{ ...step, atMost: true }]), none)).toEqual([]);
});

test('GPU-hours are operations over the assumed rate, and so many GPUs hold what is to be held', async () => {
  const table = await readGpus();
  for (const { source, date } of table.gpus) expect([source, date].join()).toMatch(/.+,\d{4}-\d{2}$/);
  const [own] = gpuEstimates(
    {
      ...table,
      utilisation: 0.5,
      gpus: [{ name: 'a', memory: 80e9, flops: 1e15, pricePerHour: 2, source: 's', date: 'd' }],
    },
    { flops: 1.8e21, memory: 128e9 },
  );
  expect(own).toEqual({ name: 'a', hours: 1000, devices: 2, cost: 2000 });
});

test('a table of GPUs that is none is refused with its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-gpus-'));
  const file = join(folder, 'own.yaml');
  await writeFile(file, 'utilisation: 35\ncurrency: EUR\ngpus: []\n');
  await expect(readGpus(file)).rejects.toThrow(/own\.yaml": at "utilisation": Too big/);
  await writeFile(file, 'null\n');
  await expect(readGpus(file)).rejects.toThrow(/own\.yaml": Invalid input: expected object/);
  await rm(folder, { recursive: true });
});

test('this machine has memory, cores and a disk', async () => {
  const { memory, available, cores, disk } = await readMachine(join(tmpdir(), 'not', 'there', 'yet'));
  expect(available).toBeLessThanOrEqual(memory);
  expect(memory).toBeGreaterThan(2 ** 28);
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(disk).toBeGreaterThan(0);
});
