// What a config.json says about an architecture, and what is said about one that cannot be used.
import type { ModelFamily } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { llama } from './llama.js';
import { mistral } from './mistral.js';
import { nemotron } from './nemotron.js';
import { qwen2 } from './qwen2.js';
import { qwen3 } from './qwen3.js';

const sizes = {
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 20,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const read = (family: ModelFamily, entries: object) =>
  family.readConfig({ model_type: family.name, ...sizes, ...entries });

describe('what transformers assumes of an entry that is not there', () => {
  test.each([
    [llama(), { normEpsilon: 1e-6, contextLength: 2048, tiedEmbeddings: false, biases: [] }],
    [mistral(), { normEpsilon: 1e-6, contextLength: 4096, biases: [] }], // 131072 in a window of 4096
    [nemotron(), { normEpsilon: 1e-5, contextLength: 4096, norm: 'layerNorm1p', feedForward: 'squaredRelu' }],
    [qwen2(), { normEpsilon: 1e-6, contextLength: 32768, biases: ['q_proj', 'k_proj', 'v_proj'] }],
    [qwen3(), { normEpsilon: 1e-6, contextLength: 32768, headNorms: true, biases: [] }],
  ])('$name', (family, expected) => {
    const architecture = read(family, {});
    expect(architecture).toMatchObject({ family: family.name, ...expected });
    expect(architecture.rope).toMatchObject({ theta: 10000, scaling: { type: 'default' } });
    expect(architecture.sizes.headDim).toBe(family.name === 'qwen3' ? 128 : 4);
  });
});

test('heads of Nemotron turn by half, in the spelling of transformers 4 and of 5', () => {
  expect(read(nemotron(), { head_dim: 8 }).rope.channels).toBe(4);
  expect(read(nemotron(), { head_dim: 8, partial_rotary_factor: 0.25 }).rope.channels).toBe(2);
  expect(read(nemotron(), { head_dim: 8, rope_parameters: { partial_rotary_factor: 0.75 } }).rope.channels).toBe(6);
  expect(read(nemotron(), { partial_rotary_factor: 1 }).rope.channels).toBeUndefined();
});

test('a sliding window is the longest context; none leaves it as it is', () => {
  expect(read(mistral(), { sliding_window: 12, max_position_embeddings: 64 }).contextLength).toBe(12);
  expect(read(mistral(), { sliding_window: 128, max_position_embeddings: 64 }).contextLength).toBe(64);
  expect(read(mistral(), { sliding_window: null, max_position_embeddings: 64 }).contextLength).toBe(64);
});

test('what was removed from layers is written under a key of its own and read back; a whole model has no such key', () => {
  const config = { model_type: 'llama', ...sizes, other: 'kept' };
  const architecture = { ...read(llama(), {}), withoutAttention: [0, 2], withoutFeedForward: [1] };
  const written = llama().writeConfig(config, architecture);
  expect(written).toMatchObject({
    other: 'kept',
    espalier: { without_attention: [0, 2], without_feed_forward: [1] },
  });
  expect(llama().readConfig(written)).toEqual(architecture);
  const { withoutAttention: _one, withoutFeedForward: _other, ...whole } = architecture;
  expect(llama().writeConfig(written, whole)).not.toHaveProperty('espalier');
});

test('the types of layers are as many as the layers', () => {
  const config = { model_type: 'qwen2', ...sizes, layer_types: Array(3).fill('full_attention') };
  expect(qwen2().writeConfig(config, read(qwen2(), { num_hidden_layers: 2 }))).toMatchObject({
    layer_types: ['full_attention', 'full_attention'],
  });
});

test.each<[ModelFamily, object, string]>([
  [llama(), { hidden_size: -1 }, 'read a Llama config.json: hidden_size: Too small'],
  [llama(), { num_key_value_heads: 3 }, 'num_attention_heads 4 is not a multiple of num_key_value_heads 3'],
  [
    llama(),
    { hidden_size: 20, num_attention_heads: 4 },
    'head size 5 is not an even integer. Set head_dim explicitly.',
  ],
  [llama(), { hidden_act: 'gelu' }, 'hidden_act: Invalid input: expected "silu". Correct config.json'],
  [llama(), { partial_rotary_factor: 0.5 }, 'partial_rotary_factor is below 1. The Llama family turns whole heads.'],
  [llama(), { rope_scaling: { rope_type: 'yarn', factor: 2 } }, 'rope type "yarn" with entries rope_type, factor'],
  [
    llama(),
    { espalier: { without_attention: [3], without_feed_forward: [] } },
    'espalier names layer 3 (0-based) of 3',
  ],
  [mistral(), { sliding_window: 0 }, 'read a Mistral config.json: sliding_window: Too small'],
  [nemotron(), { hidden_act: 'silu' }, 'read a Nemotron config.json: hidden_act: Invalid input: expected "relu2"'],
  [nemotron(), { head_dim: 4, partial_rotary_factor: 0.25 }, '1 channels of a head are turned'],
  [
    qwen2(),
    { use_sliding_window: true },
    'use_sliding_window: windows that differ from layer to layer are not covered',
  ],
  [qwen3(), { layer_types: ['full_attention', 'sliding_attention', 'full_attention'] }, 'layer_types.1: Invalid input'],
])('$name refuses %j', (family, entries, message) => {
  expect(() => read(family, entries)).toThrow(message);
});

test('Llama says which hidden sizes transformers loads', () => {
  const architecture = read(llama(), {});
  const shaped = (hidden: number) => ({ ...architecture, sizes: { ...architecture.sizes, hidden } });
  expect(llama().problem?.(shaped(12))).toBeUndefined();
  expect(llama().problem?.(shaped(14))).toEqual({
    found: 'transformers loads no Llama whose hidden size (14) is not a multiple of its heads (4)',
    fix: 'The nearest hidden sizes are 12 and 16',
  });
  expect(llama().problem?.(shaped(3))?.fix).toBe('The nearest hidden sizes are 4');
});

test('what Llama proposes is no larger than the model, and names numbers of heads that would do', () => {
  const base = read(llama(), {});
  const from = { ...base, sizes: { ...base.sizes, hidden: 64, heads: 8, kvHeads: 2 } };
  const asked = { ...from, sizes: { ...from.sizes, heads: 6 } };
  expect(llama().problem?.(asked, from)?.fix).toBe('The nearest hidden sizes are 60; with hidden 64 give 4 or 8 heads');
  const one = { ...from, sizes: { ...from.sizes, hidden: 63, heads: 2, kvHeads: 2 } };
  expect(llama().problem?.(one, { ...from, sizes: { ...from.sizes, hidden: 63 } })?.fix).toBe(
    'The nearest hidden sizes are 62',
  );
});
