// What the stages of a step hold, told before anything is read.
import { fileURLToPath } from 'node:url';
import { createRunContainer, PROCESS_BYTES, weightBytes } from '@espalier/core';
import { fixtureModel } from '@espalier/testing';
import { llama, minitronPlugin, perplexity } from '@espalier/plugins';
import { expect, test } from 'vitest';
import { planStep } from './plan-steps.js';
import { resolveSteps } from './resolve-step.js';
import { largestStage } from './stage-memory.js';
import { compressionSteps, type CompressionStepInput } from './step-schema.js';

const folder = fileURLToPath(new URL('../../../core/src/testing/fixtures/tiny-llama', import.meta.url));
const { family, architecture } = await fixtureModel(folder, llama());
const shape = { family, architecture };
const container = createRunContainer([minitronPlugin]);
const size = { batch: 2, length: 6 };

function planned(own: Partial<CompressionStepInput>, teacher = true) {
  const [step] = resolveSteps(
    compressionSteps.parse([{ name: 'half', target: '90%', distillation: { tokens: 24, ...size }, ...own }]),
    container,
  );
  if (step === undefined) throw new Error('no step');
  const evaluation = { evaluators: [perplexity()], tokens: 7, teacher };
  return planStep({ original: shape, from: shape, evaluation }, step);
}
const names = (own: Partial<CompressionStepInput>, teacher?: boolean): readonly string[] =>
  planned(own, teacher).stages.map(({ run, stage }) => `${run} · ${stage}`);

test('every stage that runs a model has its memory, those that the step asks for and no other', () => {
  const always = [
    'half/pruned · evaluate',
    'half/distilled · distil',
    'half/distilled · evaluate',
    'samples · samples',
  ];
  expect(names({})).toEqual(['teacher · evaluate', 'half · calibrate', 'half · prune', ...always]);
  const importance = { scorers: ['magnitude'], samples: 4, ...size };
  expect(names({ checkCut: false, importance }, false)).toEqual(always);
  const depth = { evaluator: 'perplexity' as const, blocks: true, documents: 4 };
  expect(names({ importance: { ...importance, depth, checkRanking: true } }, false)).toEqual([
    'half · score depth',
    'half · check ranking',
    'half · prune',
    ...always,
  ]);
});

test('a stage takes what it holds and nothing of what went before, and the largest is told by its name', () => {
  const { stages, memory } = planned({ distillation: { tokens: 24, batch: 256, length: 6 } });
  const bytes = (stage: string, row = 'half/distilled'): number =>
    stages.findLast((own) => own.stage === stage && (row === '' || own.run === row))?.bytes ?? NaN;
  expect(bytes('distil')).toBe(memory.total);
  expect(bytes('evaluate')).toBe(bytes('evaluate', 'half/pruned'));
  expect(bytes('samples', '')).toBeGreaterThanOrEqual(PROCESS_BYTES + weightBytes(shape, 'F32'));
  expect(largestStage(stages)).toMatchObject({ run: 'half/distilled', stage: 'distil' });
  expect(largestStage([])).toBeUndefined();
});

test('gradients, a longer sample and all its statistics take more, and are counted by the program of the calibration', () => {
  const calibration = (own: NonNullable<CompressionStepInput['importance']>): number =>
    planned({ importance: { samples: 4, ...size, ...own } }).stages.find(({ stage }) => stage === 'calibrate')?.bytes ??
    NaN;
  const least = calibration({ scorers: ['block-influence'] });
  expect(calibration({ scorers: ['taylor'] })).toBeGreaterThan(least);
  expect(calibration({ scorers: ['block-influence'], batch: 8, length: 48 })).toBeGreaterThan(least);
});
