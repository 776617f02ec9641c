// A step as people write it.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compressionStep, compressionSteps, type CompressionStepInput } from './step-schema.js';
import { batchSettings } from './step-training.js';

test('a target is enough', () => {
  expect(compressionStep.parse({ target: '50%' })).toEqual({
    target: '50%',
    checkCut: true,
    importance: {
      scorers: [{ name: 'activation' }, { name: 'block-influence' }],
      samples: 1024,
      batch: 4,
      length: 256,
      rounds: 1,
      checkRanking: false,
    },
    pruner: { name: 'joint' },
    transforms: [],
    distillation: {
      losses: [{ name: 'forward-kl', weight: 1 }],
      teacher: 'original',
      tokensPerParameter: 16,
      batch: 4,
      length: 256,
      crossDocumentAttention: true,
      accumulate: 1,
      clipNorm: 1,
      precision: 'float32',
      optimizer: { name: 'adamw' },
    },
  });
});

test('strategies are names, or names with their options beside them', () => {
  const { search, importance, distillation } = compressionStep.parse({
    target: '4B',
    search: 'depth',
    importance: { scorers: [{ name: 'magnitude', axes: ['ffn'], norm: 1 }] },
    distillation: { losses: ['cross-entropy', { name: 'forward-kl', temperature: 2, weight: 0.5 }] },
  });
  expect(search).toEqual({ name: 'depth' });
  expect(importance.scorers).toEqual([{ name: 'magnitude', axes: ['ffn'], norm: 1 }]);
  expect(distillation.losses).toEqual([
    { name: 'cross-entropy', weight: 1 },
    { name: 'forward-kl', temperature: 2, weight: 0.5 },
  ]);
});

test.each(['search', 'pruner'])(
  'options under a key of their own are refused for a %s, with where to write them',
  (kind) => {
    const { error } = compressionStep.safeParse({
      target: '50%',
      [kind]: { name: 'depth', options: { contiguous: true } },
    });
    expect(JSON.stringify(error?.issues)).toContain('write the options beside the name');
  },
);

test('a parsed step is written as it may be read again', () => {
  const step = compressionStep.parse({
    target: '4B',
    importance: { scorers: [{ name: 'magnitude', axes: ['ffn'], norm: 1 }] },
    distillation: { losses: [{ name: 'forward-kl', temperature: 2, weight: 0.5 }], mapping: 'uniform' },
  });
  const written = z.json().parse(JSON.parse(JSON.stringify(step)));
  expect(written).toMatchObject({
    distillation: { mapping: { name: 'uniform' } },
  });
  expect(compressionStep.parse(written)).toEqual(step);
});

test('a correction of the teacher needs no more than its name', () => {
  const { distillation } = compressionStep.parse({ target: '50%', distillation: { correction: {} } });
  expect(distillation.correction).toEqual({
    when: 'before',
    losses: [{ name: 'cross-entropy', weight: 1 }],
    tokensPerParameter: 8,
  });
});

test.each<[string, unknown]>([
  ['no target', {}],
  ['an unknown field', { target: '50%', tokens: 5 }],
  ['a name that is no part of a path', { target: '50%', name: 'a/b' }],
  ['an axis that there is not', { target: '50%', importance: { scorers: [{ name: 'random', axes: ['x'] }] } }],
  ['a weight of nothing', { target: '50%', distillation: { losses: [{ name: 'forward-kl', weight: 0 }] } }],
  ['no losses', { target: '50%', distillation: { losses: [] } }],
  ['a teacher from elsewhere', { target: '50%', distillation: { teacher: 'other' } }],
  ['no round of importance', { target: '50%', importance: { rounds: 0 } }],
  ['a correction at another time', { target: '50%', distillation: { correction: { when: 'after' } } }],
  ['a memory of no unit', { target: '50%', distillation: { memory: '12' } }],
  ['a memory of nothing', { target: '50%', distillation: { memory: '0GiB' } }],
  ['tokens that are no whole number', { target: '50%', distillation: { tokens: 1.5 } }],
])('%s is refused', (_what, step) => {
  expect(compressionStep.safeParse(step).success).toBe(false);
});

test('there is at least one step', () => {
  expect(compressionSteps.safeParse([]).success).toBe(false);
  const written: readonly CompressionStepInput[] = [{ target: '8B' }, { target: '4B' }];
  expect(compressionSteps.parse(written)).toHaveLength(2);
});

test('a memory is as many bytes as it says, for every training of the step', () => {
  const { distillation } = compressionStep.parse({ target: '50%', distillation: { memory: '1.5GiB' } });
  expect(batchSettings(distillation).memory).toBe(1.5 * 2 ** 30);
  expect(batchSettings({ ...distillation, memory: undefined })).not.toHaveProperty('memory');
});
