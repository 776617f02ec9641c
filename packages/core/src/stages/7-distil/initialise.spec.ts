// Fresh weights by kind: what a norm, a bias and a matrix begin with.
import { expect, test } from 'vitest';
import { decoder, decoderWeights, memoryWeights, type Architecture, type Model } from '../../model/index.js';
import { mutedCodec } from '../../model/muted-codec.js';
import { random } from '../../random.js';
import { initialise } from './initialise.js';

const architecture: Architecture = {
  family: 'tiny',
  layers: 8,
  sizes: { vocab: 50, hidden: 32, ffn: 64, heads: 4, kvHeads: 2, headDim: 8 },
  tiedEmbeddings: false,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'default' } },
  contextLength: 16,
  biases: ['q_proj', 'o_proj'],
};

async function fresh(own: Partial<Architecture>): Promise<(name: string) => Promise<Float32Array>> {
  const model: Model = {
    family: {
      name: 'tiny',
      summary: '',
      modelTypes: [],
      readConfig: () => architecture,
      writeConfig: (original) => original,
      weights: decoderWeights,
      forward: decoder,
    },
    architecture: { ...architecture, ...own },
    config: {},
    weights: memoryWeights(new Map()),
    tokenizer: mutedCodec(50),
    folder: '',
    storageTypes: new Map(),
  };
  const { weights } = initialise(model, random(4));
  await weights.read('model.norm.weight');
  return (name) => weights.read(name);
}

const all = (values: Float32Array, value: number): boolean => values.every((own) => own === value);
const deviation = (values: Float32Array): number => Math.sqrt(values.reduce((a, b) => a + b * b, 0) / values.length);

test('norms scale by 1: an RMSNorm holds ones, a LayerNorm1P zeros, and biases are 0', async () => {
  const read = await fresh({});
  expect(all(await read('model.layers.0.input_layernorm.weight'), 1)).toBe(true);
  expect(all(await read('model.layers.0.self_attn.q_proj.bias'), 0)).toBe(true);
  const own = await fresh({ norm: 'layerNorm1p', headNorms: true });
  expect(all(await own('model.layers.0.post_attention_layernorm.weight'), 0)).toBe(true);
  expect(all(await own('model.norm.bias'), 0)).toBe(true);
  expect(all(await own('model.layers.0.self_attn.q_norm.weight'), 1)).toBe(true); // head norms are RMSNorms
});

test('matrices have a deviation of 0.02; those that write into the residual stream less, by the root of twice the layers', async () => {
  const read = await fresh({ feedForward: 'squaredRelu' });
  for (const name of ['self_attn.q_proj', 'mlp.up_proj']) {
    expect(deviation(await read(`model.layers.3.${name}.weight`)) / 0.02).toBeCloseTo(1, 1);
  }
  expect(deviation(await read('model.embed_tokens.weight')) / 0.02).toBeCloseTo(1, 1);
  for (const name of ['self_attn.o_proj', 'mlp.down_proj']) {
    expect(deviation(await read(`model.layers.3.${name}.weight`)) / (0.02 / 4)).toBeCloseTo(1, 1);
  }
});
