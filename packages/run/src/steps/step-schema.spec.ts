// A step as people write it.
import { expect, test } from 'vitest';
import { compressionStep, compressionSteps, type CompressionStepInput } from './step-schema.js';

test('a target is enough', () => {
  expect(compressionStep.parse({ target: '50%' })).toEqual({
    target: '50%',
    importance: {
      scorers: [
        { name: 'activation', options: {} },
        { name: 'block-influence', options: {} },
      ],
      samples: 1024,
      batch: 4,
      length: 256,
      rounds: 1,
      checkRanking: false,
    },
    search: { name: 'proportional-width', options: {} },
    pruner: { name: 'joint', options: {} },
    distillation: {
      losses: [{ name: 'forward-kl', options: {}, weight: 1 }],
      teacher: 'original',
      tokensPerParameter: 16,
      batch: 4,
      length: 256,
      accumulate: 1,
      clipNorm: 1,
      precision: 'float32',
      optimizer: { name: 'adamw', options: {} },
    },
  });
});

test('strategies are names, or names with options', () => {
  const { search, distillation } = compressionStep.parse({
    target: '4B',
    search: 'depth',
    distillation: { losses: ['cross-entropy', { name: 'forward-kl', options: { temperature: 2 }, weight: 0.5 }] },
  });
  expect(search).toEqual({ name: 'depth', options: {} });
  expect(distillation.losses).toEqual([
    { name: 'cross-entropy', options: {}, weight: 1 },
    { name: 'forward-kl', options: { temperature: 2 }, weight: 0.5 },
  ]);
});

test('a correction of the teacher needs no more than its name', () => {
  const { distillation } = compressionStep.parse({ target: '50%', distillation: { correction: {} } });
  expect(distillation.correction).toEqual({
    when: 'before',
    losses: [{ name: 'cross-entropy', options: {}, weight: 1 }],
    tokensPerParameter: 8,
  });
});

test.each<[string, unknown]>([
  ['no target', {}],
  ['an unknown field', { target: '50%', tokens: 5 }],
  ['a name that is no part of a path', { target: '50%', name: 'a/b' }],
  ['no losses', { target: '50%', distillation: { losses: [] } }],
  ['a teacher from elsewhere', { target: '50%', distillation: { teacher: 'other' } }],
  ['no round of importance', { target: '50%', importance: { rounds: 0 } }],
  ['a correction at another time', { target: '50%', distillation: { correction: { when: 'after' } } }],
  ['tokens that are no whole number', { target: '50%', distillation: { tokens: 1.5 } }],
])('%s is refused', (_what, step) => {
  expect(compressionStep.safeParse(step).success).toBe(false);
});

test('there is at least one step', () => {
  expect(compressionSteps.safeParse([]).success).toBe(false);
  const written: readonly CompressionStepInput[] = [{ target: '8B' }, { target: '4B' }];
  expect(compressionSteps.parse(written)).toHaveLength(2);
});
