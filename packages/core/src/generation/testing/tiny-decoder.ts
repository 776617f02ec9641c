// A tiny random decoder with grouped heads, for the tests of generation.
import {
  decoder,
  memoryWeights,
  weightShape,
  type Architecture,
  type Model,
  type ModelFamily,
} from '../../model/index.js';
import { random } from '../../random.js';

const architecture: Architecture = {
  family: 'tiny',
  layers: 2,
  sizes: { vocab: 11, hidden: 8, ffn: 12, heads: 4, kvHeads: 2, headDim: 4 },
  tiedEmbeddings: true,
  normEpsilon: 1e-5,
  rope: { theta: 100, scaling: { type: 'default' } },
  contextLength: 80,
  biases: [],
};

const family: ModelFamily = {
  name: 'tiny',
  summary: 'for tests',
  modelTypes: ['tiny'],
  readConfig: () => architecture,
  writeConfig: (original) => original,
  weights: ({ layers }) => [
    { name: 'model.embed_tokens.weight', axes: ['vocab', 'hidden'], kind: 'embedding' },
    ...Array.from({ length: layers }, (_, layer) => {
      const block = `model.layers.${layer}`;
      return [
        { name: `${block}.input_layernorm.weight`, axes: ['hidden'], layer, kind: 'norm' } as const,
        { name: `${block}.self_attn.q_proj.weight`, axes: ['heads·headDim', 'hidden'], layer, kind: 'matrix' } as const,
        {
          name: `${block}.self_attn.k_proj.weight`,
          axes: ['kvHeads·headDim', 'hidden'],
          layer,
          kind: 'matrix',
        } as const,
        {
          name: `${block}.self_attn.v_proj.weight`,
          axes: ['kvHeads·headDim', 'hidden'],
          layer,
          kind: 'matrix',
        } as const,
        { name: `${block}.self_attn.o_proj.weight`, axes: ['hidden', 'heads·headDim'], layer, kind: 'matrix' } as const,
        { name: `${block}.post_attention_layernorm.weight`, axes: ['hidden'], layer, kind: 'norm' } as const,
        { name: `${block}.mlp.gate_proj.weight`, axes: ['ffn', 'hidden'], layer, kind: 'matrix' } as const,
        { name: `${block}.mlp.up_proj.weight`, axes: ['ffn', 'hidden'], layer, kind: 'matrix' } as const,
        { name: `${block}.mlp.down_proj.weight`, axes: ['hidden', 'ffn'], layer, kind: 'matrix' } as const,
      ];
    }).flat(),
    { name: 'model.norm.weight', axes: ['hidden'], kind: 'norm' },
  ],
  forward: decoder,
};

/** Its first token begins a text, its second one ends it. */
export function tinyDecoder(): Model {
  const stream = random(5);
  const values = family.weights(architecture).map((spec) => {
    const length = weightShape(spec, architecture.sizes).reduce((a, b) => a * b, 1);
    return [spec.name, Float32Array.from({ length }, () => 0.8 * stream.normal())] as const;
  });
  return {
    family,
    architecture,
    config: {},
    weights: memoryWeights(new Map(values)),
    tokenizer: { vocabularySize: 11, bos: 0, eos: 1, encode: () => [], decode: (ids) => ids.join(' ') },
    folder: '',
    storageTypes: new Map(),
  };
}
