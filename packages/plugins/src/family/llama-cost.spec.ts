// Costs of Llama-3.1 8B against figures worked out by hand, and of a small Llama against the products of its compiled graphs.
import {
  cacheBytes,
  forwardFlops,
  matmulFlops,
  runnerWeights,
  servingBytes,
  trainFlops,
  trainProgram,
  weightBytes,
  type Architecture,
} from '@espalier/core';
import { input, program } from '@espalier/core/graph';
import { describe, expect, test } from 'vitest';
import { crossEntropyLoss } from '../loss/cross-entropy.js';
import { forwardKlLoss } from '../loss/forward-kl.js';
import { adamw } from '../optimizer/adamw.js';
import { llama } from './llama.js';

const shape = (layers: number, sizes: Architecture['sizes'], tiedEmbeddings = false) => ({
  family: llama(),
  architecture: {
    family: 'llama',
    layers,
    sizes,
    tiedEmbeddings,
    normEpsilon: 1e-5,
    rope: { theta: 500000, scaling: { type: 'default' } },
    contextLength: 8192,
    biases: [],
  } satisfies Architecture,
});
const large = shape(32, { vocab: 128256, hidden: 4096, ffn: 14336, heads: 32, kvHeads: 8, headDim: 128 });

test('Llama-3.1 8B in memory', () => {
  expect(weightBytes(large, 'BF16')).toBe(16_060_522_496); // 2 · 8,030,261,248
  expect(cacheBytes(large, { batch: 1, length: 8192 }, 'BF16')).toBe(2 ** 30); // 128 KiB a token
  expect(servingBytes(large, { storage: 'BF16', batch: 1, length: 8192 })).toBe(17_134_264_320);
});

test('Llama-3.1 8B at work on 8,192 tokens', () => {
  const matrices = 6_979_588_096 - 65 * 4096; // non-embedding parameters that are no norms
  const output = 128256 * 4096;
  const attention = 32 * 4 * 4096 * 4608; // 8 blocks of 1,024 queries meet 4,608 keys on average
  expect(forwardFlops(large, 8192)).toBe(2 * (matrices + output) + attention);
});

const [student, teacher] = [
  shape(2, { vocab: 40, hidden: 16, ffn: 24, heads: 4, kvHeads: 2, headDim: 8 }, true),
  shape(3, { vocab: 40, hidden: 24, ffn: 40, heads: 4, kvHeads: 2, headDim: 8 }),
];

test.each([64, 128, 192])('forward work is that of the graph over %i tokens', (length) => {
  const ids = input('ids', [2, length], 'int32');
  const logits = llama().forward(teacher.architecture, { ids, weight: runnerWeights(teacher) });
  expect(2 * length * forwardFlops(teacher, length)).toBe(matmulFlops(program('forward', { outputs: { logits } })));
});

describe.each([64, 128])('training on %i tokens', (length) => {
  const step = { student, optimizer: adamw(), clipNorm: 1, batch: 2, length };
  const fromText = { ...step, losses: [{ term: crossEntropyLoss(), weight: 1 }] };
  const fromTeacher = { ...step, teacher, losses: [{ term: forwardKlLoss(), weight: 1 }] };
  const alone = trainProgram(fromText);
  const taught = trainProgram(fromTeacher);

  test.each([
    ['alone', alone, trainFlops(student, length)],
    ['with a teacher', taught, trainFlops(student, length, teacher)],
  ])('%s takes the work of the graph, which also adds rows up by products', (_name, compiled, perToken) => {
    const ratio = matmulFlops(compiled) / (2 * length * perToken);
    expect(ratio).toBeGreaterThanOrEqual(1);
    expect(ratio).toBeLessThan(1.005);
  });
});
