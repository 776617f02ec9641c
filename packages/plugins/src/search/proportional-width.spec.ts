// Shapes for many targets and sizes of model: near enough, even enough, never above.
import { chooseArchitecture, InputError, modelParameters, parseTarget, type Architecture } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { llama } from '../family/llama.js';
import { proportionalWidthSearch } from './proportional-width.js';

const shape = (sizes: Architecture['sizes'], layers: number, tiedEmbeddings: boolean): Architecture => ({
  family: 'llama',
  layers,
  sizes,
  tiedEmbeddings,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 2048,
  biases: [],
});
const models: Readonly<Record<string, Architecture>> = {
  'tiny-llama': shape({ vocab: 96, hidden: 32, ffn: 44, heads: 4, kvHeads: 2, headDim: 12 }, 3, false),
  stories260K: shape({ vocab: 512, hidden: 64, ffn: 172, heads: 8, kvHeads: 4, headDim: 8 }, 5, true),
  stories15M: shape({ vocab: 32000, hidden: 288, ffn: 768, heads: 6, kvHeads: 6, headDim: 48 }, 6, true),
  'Llama-3.1-8B': shape({ vocab: 128256, hidden: 4096, ffn: 14336, heads: 32, kvHeads: 8, headDim: 128 }, 32, false),
};

function choose(architecture: Architecture, target: string) {
  const model = { family: llama(), architecture };
  const chosen = chooseArchitecture(proportionalWidthSearch(), model, parseTarget(target));
  const counted = modelParameters({ family: llama(), architecture: chosen }).parameters;
  return { ...chosen, counted, total: modelParameters(model).parameters };
}

function messageOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof InputError) return error.message;
  }
  throw new Error('no InputError');
}

describe.each(Object.entries(models))('%s', (name, architecture) => {
  const shares = name === 'Llama-3.1-8B' ? [50, 60, 75, 90] : [30, 40, 50, 60, 70, 80, 90, 95];
  test.each(shares)('at %i percent: at most that, at most a fiftieth less, hidden and ffn alike', (share) => {
    const { counted, total, layers, sizes } = choose(architecture, `${share}%`);
    const limit = Math.floor((total * share) / 100);
    expect(counted).toBeLessThanOrEqual(limit);
    expect(counted).toBeGreaterThan(0.98 * limit);
    expect({ layers, ...sizes }).toMatchObject({ layers: architecture.layers, heads: architecture.sizes.heads });
    const ratio = sizes.hidden / architecture.sizes.hidden / (sizes.ffn / architecture.sizes.ffn);
    expect(Math.abs(Math.log(ratio))).toBeLessThan(0.4);
  });

  test('all of it is the model itself', () => {
    const { counted, total, sizes } = choose(architecture, '100%');
    expect(sizes).toEqual(architecture.sizes);
    expect(counted).toBe(total);
  });

  test('too little names the least that works, and that works', () => {
    const message = messageOf(() => choose(architecture, '1'));
    // It can be given as it is written there.
    const least = /give at least ([\d,]+)/.exec(message)?.[1] ?? '';
    const number = Number(least.replaceAll(',', ''));
    expect(choose(architecture, least).counted).toBe(number);
    expect(() => choose(architecture, String(number - 1))).toThrow(`Give at least ${least}`);
  });
});

test('stories260K at half: what the steps of 8 and 4 allow', () => {
  const { sizes, counted } = choose(models['stories260K'] as Architecture, '50%');
  expect({ sizes, counted }).toMatchObject({ sizes: { hidden: 40, ffn: 116 }, counted: 128_920 });
});

test('more than the model is refused', () => {
  expect(() => choose(models['stories260K'] as Architecture, '1M')).toThrow('the model has 260,032 parameters');
});
