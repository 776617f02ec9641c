// Settings of a training step that save memory change none of its numbers.
import {
  elementCount,
  evaluateGraph,
  random,
  trainProgram,
  type Architecture,
  type Program,
  type TrainStepOptions,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { adamw } from '../optimizer/adamw.js';
import { attentionRelationLoss } from './attention-relation.js';
import { blockOutputLoss } from './block-output.js';
import { crossEntropyLoss } from './cross-entropy.js';
import { forwardKlLoss } from './forward-kl.js';

function shape(layers: number, hidden: number): { family: ReturnType<typeof llama>; architecture: Architecture } {
  return {
    family: llama(),
    architecture: {
      family: 'llama',
      layers,
      sizes: { vocab: 11, hidden, ffn: 6, heads: 2, kvHeads: 1, headDim: 4 },
      tiedEmbeddings: true,
      normEpsilon: 1e-5,
      rope: { theta: 10000, scaling: { type: 'default' } },
      contextLength: 16,
      biases: [],
    },
  };
}

const plain: TrainStepOptions = {
  student: shape(3, 8),
  teacher: shape(4, 12),
  losses: [
    { term: forwardKlLoss(), weight: 1 },
    { term: crossEntropyLoss(), weight: 0.5 },
    { term: attentionRelationLoss(), weight: 0.25 },
    { term: blockOutputLoss(), weight: 2 },
  ],
  correction: { losses: [{ term: crossEntropyLoss(), weight: 1 }], optimizer: adamw(), clipNorm: 1 },
  optimizer: adamw(),
  clipNorm: 1,
  batch: 2,
  length: 5,
};

/** All that a program gives and replaces, from drawn inputs and states. */
function evaluated({ inputs, states, outputs, next }: Program): Readonly<Record<string, Float64Array>> {
  const drawn = (types: Program['inputs'], from: (count: number, name: string) => number[]): Record<string, number[]> =>
    Object.fromEntries(
      Object.entries(types).map(([name, own]) => [name, from(elementCount(own.shape), name)] as const),
    );
  const values = (count: number, name: string): number[] => {
    const stream = random(5).fork(name);
    if (name === 'ids' || name === 'targets') return Array.from({ length: count }, () => stream.integer(11));
    if (name === 'weights') return Array.from({ length: count }, (_, index) => (index % 3 === 1 ? 0 : 1));
    return Array.from({ length: count }, () => (name.includes('moment2') ? 1 : 0.3) * Math.abs(stream.normal()));
  };
  const replaced = Object.entries(next).map(([name, node]) => [`next ${name}`, node] as const);
  return evaluateGraph(
    { ...outputs, ...Object.fromEntries(replaced) },
    { inputs: drawn(inputs, values), states: drawn(states, values) },
  );
}

describe('recomputation', () => {
  test('gives the same step to the last bit, of a student and of a teacher that learns too', () => {
    expect(evaluated(trainProgram({ ...plain, recompute: true }))).toEqual(evaluated(trainProgram(plain)));
  });
});
