// Text of another size than a training asks for is refused in words, and not by a shape somewhere in a graph.
import { InputError, padRows, random, trainModel, type TrainOptions } from '@espalier/core';
import { referenceBackend } from '@espalier/core/graph';
import { tinyModel } from '@espalier/testing';
import { expect, test } from 'vitest';
import { crossEntropyLoss } from '../loss/cross-entropy.js';
import { constantRate } from '../schedule/constant.js';
import { sgd } from './sgd.js';

const context = { backend: referenceBackend(), random: random(1) };
const tools = { report: () => undefined, signal: new AbortController().signal };
const batch = (length: number) => padRows([[1, 2, 3, 4]], { batch: 1, length });
const options = {
  losses: [{ term: crossEntropyLoss(), weight: 1 }],
  optimizer: sgd(),
  schedule: constantRate({ peak: 0.1 }),
  tokens: 2,
  batch: 1,
  length: 2,
};
const train = (more: Pick<TrainOptions, 'data' | 'evaluation'>) =>
  trainModel(tinyModel(), undefined, { ...options, ...more }, context, tools);

test('training text of another size', async () => {
  const attempt = train({ data: [batch(3)] });
  await expect(attempt).rejects.toThrow(InputError);
  await expect(attempt).rejects.toThrow('train on batches of 1 × 2 tokens: one is 1 × 3');
});

test('validation text of another size', async () => {
  const attempt = train({ data: [batch(2)], evaluation: { every: 1, data: () => [batch(3)] } });
  await expect(attempt).rejects.toThrow('evaluate while training on batches of 1 × 2 tokens: one is 1 × 3');
});
