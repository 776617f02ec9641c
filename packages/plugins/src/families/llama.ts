// The Llama family (Llama 1 to 3.x and checkpoints of the same layout): config names, weight names and their axes.
import { decoder, type Architecture, type JsonObject, type ModelFamily, type WeightSpec } from '@espalier/core';
import { readLlamaConfig } from './llama-config.js';

export const llama: ModelFamily = {
  name: 'llama',
  summary: 'RMSNorm, rotary grouped-query attention, SwiGLU (Llama 1 to 3.x and alike)',
  modelTypes: ['llama'],
  readConfig: readLlamaConfig,
  writeConfig(original: JsonObject, { layers, sizes, tiedEmbeddings }: Architecture): JsonObject {
    return {
      ...original,
      num_hidden_layers: layers,
      hidden_size: sizes.hidden,
      intermediate_size: sizes.ffn,
      num_attention_heads: sizes.heads,
      num_key_value_heads: sizes.kvHeads,
      head_dim: sizes.headDim,
      vocab_size: sizes.vocab,
      tie_word_embeddings: tiedEmbeddings,
    };
  },
  weights({ layers, tiedEmbeddings, biases }: Architecture): readonly WeightSpec[] {
    const head: WeightSpec = { name: 'lm_head.weight', axes: ['vocab', 'hidden'], kind: 'embedding' };
    return [
      { name: 'model.embed_tokens.weight', axes: ['vocab', 'hidden'], kind: 'embedding' },
      ...Array.from({ length: layers }, (_, layer) => blockWeights(layer, biases)).flat(),
      { name: 'model.norm.weight', axes: ['hidden'], kind: 'norm' },
      ...(tiedEmbeddings ? [] : [head]),
    ];
  },
  forward: decoder,
};

function blockWeights(layer: number, biases: readonly string[]): readonly WeightSpec[] {
  const linear = (
    name: string,
    axes: readonly [WeightSpec['axes'][number], WeightSpec['axes'][number]],
  ): readonly WeightSpec[] => {
    const full = `model.layers.${layer}.${name}`;
    const bias: WeightSpec = { name: `${full}.bias`, axes: [axes[0]], layer, kind: 'bias' };
    const short = name.slice(name.indexOf('.') + 1);
    return [{ name: `${full}.weight`, axes, layer, kind: 'matrix' }, ...(biases.includes(short) ? [bias] : [])];
  };
  const norm = (name: string): WeightSpec => ({
    name: `model.layers.${layer}.${name}.weight`,
    axes: ['hidden'],
    layer,
    kind: 'norm',
  });
  return [
    norm('input_layernorm'),
    ...linear('self_attn.q_proj', ['heads·headDim', 'hidden']),
    ...linear('self_attn.k_proj', ['kvHeads·headDim', 'hidden']),
    ...linear('self_attn.v_proj', ['kvHeads·headDim', 'hidden']),
    ...linear('self_attn.o_proj', ['hidden', 'heads·headDim']),
    norm('post_attention_layernorm'),
    ...linear('mlp.gate_proj', ['ffn', 'hidden']),
    ...linear('mlp.up_proj', ['ffn', 'hidden']),
    ...linear('mlp.down_proj', ['hidden', 'ffn']),
  ];
}
